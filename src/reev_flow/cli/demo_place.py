"""Where the demo keeps what it makes."""

import shlex
import tempfile
from pathlib import Path

import msgspec

from reev_flow.cli.demo_flow import REPORT, TALLY

STORE = Path("logs", "demo")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`store` is the folder of the session store, as people type it; `folder` is for what this one run leaves outside of the store."""

    store: Path
    folder: Path
    is_temporary: bool

    @property
    def report(self) -> Path:
        return self.folder / REPORT

    @property
    def tally(self) -> Path:
        return self.folder / TALLY

    @property
    def typed_store(self) -> str:
        return shlex.quote(str(self.store))


def make_place(session_id: str) -> Place:
    """Below `logs` in the current folder; below a temporary folder where that cannot be written."""
    try:
        return _made(STORE, session_id, is_temporary=False)
    except OSError:
        return _made(Path(tempfile.mkdtemp(prefix="reev-flow-demo-")), session_id, is_temporary=True)


def _made(store: Path, session_id: str, *, is_temporary: bool) -> Place:
    folder = store / session_id
    folder.mkdir(parents=True)
    return Place(store=store, folder=folder, is_temporary=is_temporary)
