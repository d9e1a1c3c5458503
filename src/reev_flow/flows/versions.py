"""Which version of a piece of code a session runs."""

from reev_flow.errors import StepChanged
from reev_flow.flows.work import SessionWork
from reev_flow.sessions.identity import version_identity

FIRST = 1
ADVICE = "go on with it by a release that knows that version"


async def choose_version(work: SessionWork, name: str, branch: str, known: range) -> int:
    """The one that was chosen before. Else the newest, unless the session has been further than where the branch is now. Raises `StepChanged`
    when the code that runs knows others only.
    """
    await work.enter_step()
    version = work.recorder.versions.get(name)
    if version is None:
        version = FIRST if work.passage.goes_on_after(branch) else known[-1]
        if version in known:
            work.recorder.choose_version(name, version)
            work.save_soon()
    if version not in known:
        details = f"the session runs version {version}, and the code that runs now knows {_told(known)}"
        raise StepChanged(work.session.session_id, version_identity(name), details, ADVICE)
    return version


def _told(known: range) -> str:
    return f"{known[0]}" if len(known) == 1 else f"{known[0]} to {known[-1]}"
