"""`reev-flow demo`: a flow that is killed in the middle of a step goes on in another process, before your eyes."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator

from reev_flow.cli import EXIT_FAILED
from reev_flow.cli.demo_facts import Facts, broken_promises
from reev_flow.cli.demo_flow import explore
from reev_flow.cli.demo_json import write_facts
from reev_flow.cli.demo_place import Place, make_place
from reev_flow.cli.demo_process import DemoFailed, Ended, FlowProcess, Stopped
from reev_flow.cli.demo_script import SLOW
from reev_flow.cli.demo_story import (
    told_analysis,
    told_beginning,
    told_end,
    told_executions,
    told_kill,
    told_next,
    told_resumption,
    told_start,
)
from reev_flow.cli.demo_watch import Watch
from reev_flow.cli.options import AsJson
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.stop_signals import StopSignals
from reev_flow.render.terminal_options import options_for
from reev_flow.runtime.session_ids import new_id

Tell = Callable[[str], None]

MOST_RESUMPTIONS = 60


def demo(*, json: AsJson = False) -> int:
    """Run a flow, kill its process in the middle of a step, go on in another process, and explain the whole run.

    Takes some seconds, and writes only below logs/demo, or below a temporary folder where that is not possible. Exits with 1 when anything
    was not as promised.
    """
    session_id = new_id(explore.name)
    place = make_place(session_id)
    go_on = f"{_command()} resume {session_id} --store {place.typed_store}"
    left = f"session {session_id} was left in the middle; `{go_on}` goes on with it"
    with StopSignals(left) as signals, Watch(place, session_id) as watch:
        try:
            facts = _play(watch, signals, _nothing if json else _write_now)
        except Stopped:
            tell(f"stopped; {left}" if watch.has_begun else "stopped before the session began")
            signals.farewell = ""
            return signals.exit_code
        signals.farewell = ""
        commands = list(_commands(session_id, place))
        if json:
            write_facts(facts, commands)
        else:
            _write_now(told_next(commands, options_for(sys.stdout, os.environ)))
        return _judged(facts)


def _play(watch: Watch, signals: StopSignals, write: Tell) -> Facts:
    options = options_for(sys.stdout, os.environ)
    write(told_beginning(watch.session_id, watch.place, options))
    with FlowProcess(_first_arguments(watch), signals) as first:
        write(told_start(first.id, SLOW, options))
        first.wait_until(lambda: watch.is_in_the_middle_of(SLOW))
        killed = first.kill()
    before = watch.journal()
    write(told_kill(killed, SLOW, before, options))
    resumed = _resume(watch, signals, lambda process: write(told_resumption(process, options)))
    facts = watch.facts(killed, resumed, before)
    write(told_end(facts, options))
    write(told_executions(facts, options))
    write(told_analysis(facts, options))
    return facts


def _first_arguments(watch: Watch) -> list[str]:
    place = watch.place
    return [
        "run",
        *("--app", explore.entry_point),
        *("--arg", f"folder={place.folder.absolute()}"),
        *("--session-id", watch.session_id),
        *("--store", str(place.store)),
    ]


def _resume(watch: Watch, signals: StopSignals, write_start: Callable[[int], None]) -> Ended:
    """On Windows nobody can be sure that a process is gone, so the next one has to try until the lease of the former has run out."""
    ended: Ended | None = None
    for _ in range(MOST_RESUMPTIONS if sys.platform == "win32" else 1):
        with FlowProcess(["resume", watch.session_id, "--store", str(watch.place.store)], signals) as process:
            if ended is None:
                write_start(process.id)
            ended = process.wait()
        if ended.exit_code == 0:
            return ended
    raise DemoFailed(f"the session could not go on: {ended.complaint if ended else ''}")


def _commands(session_id: str, place: Place) -> Iterator[tuple[str, str]]:
    command, store = _command(), f"--store {place.typed_store}"
    yield (
        "what the session knows of each step, and its journal",
        f"{command} sessions show {session_id} --journal {store}",
    )
    yield "the explanation above for a program", f"{command} analyze {session_id} {store} --json"
    yield "the findings alone", f"{command} check {session_id} {store}"
    yield "the diagram alone", f"{command} diagram {session_id} {store}"
    yield "the result again: what is over does not run again", f"{command} resume {session_id} {store}"
    yield "every run of this demo", f"{command} sessions list {store}"
    yield (
        "the report that the agent wrote, and what ran",
        f"cat {shlex.quote(str(place.report))} {shlex.quote(str(place.tally))}",
    )


def _judged(facts: Facts) -> int:
    broken = list(broken_promises(facts))
    for promise in broken:
        tell(f"not as promised: {promise}")
    return EXIT_FAILED if broken else 0


def _command() -> str:
    """What to type here: the name where it is on the path, else where the command lies."""
    if shutil.which("reev-flow"):
        return "reev-flow"
    typed = sys.argv[0]
    return f"{shlex.quote(sys.executable)} -m reev_flow" if typed.endswith(".py") else shlex.quote(typed)


def _write_now(text: str) -> None:
    write_text(text)
    sys.stdout.flush()


def _nothing(_: str) -> None:
    return
