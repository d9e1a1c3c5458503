"""The command `reev-flow`: what people type, and what they are told when it cannot be done."""

import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, Parameter

from reev_flow.cli.help_lines import WrappedOnce
from reev_flow.cli.output import give_up_writing, tell
from reev_flow.cli.wrong_arguments import told_of_arguments
from reev_flow.errors import ReevFlowError
from reev_flow.version import __version__

EXIT_FOUND = 1
EXIT_FAILED = 1  # a flow ended, and not well
EXIT_UNUSABLE = 2  # wrong arguments, wrong settings, input that could not be read whole
EXIT_WAITING = 4  # a flow stopped at a question
EXIT_NO_READER = 128 + 13  # SIGPIPE, which Windows does not name

HELP = "Run agent flows that survive crashes, and read traces of runs: what happened, where time and tokens went, what failed."

EXIT_CODES = (
    "Exit codes: 0 done, 1 `check` or `compare` found something or a flow failed, 2 wrong arguments or input that could not be read "
    "whole, 4 a flow waits for an answer, 130 or 143 ended by Ctrl-C or SIGTERM."
)

app = App(
    name="reev-flow",
    help=HELP,
    version=__version__,
    default_parameter=Parameter(negative=()),  # no --no-json beside --json
    help_format="plaintext",
    help_formatter=WrappedOnce(),
    help_epilogue=EXIT_CODES,
)
app.command("reev_flow.cli.analyze:analyze", help="Tell everything about runs, in trace files or in the store.")
app.command("reev_flow.cli.check:check", help="Look for what went wrong, slow or dear; for people and for CI.")
app.command(
    "reev_flow.cli.compare:compare",
    help="Lay one run beside another: where they parted, what the difference is made of.",
)
app.command("reev_flow.cli.diagram:diagram", help="Draw runs, in trace files or in the store, as a Mermaid flowchart.")
app.command(
    "reev_flow.cli.runs:app", name="runs", help="List the runs in trace files or in the store, or show the tree of one."
)
app.command("reev_flow.cli.run_flow:run_flow", name="run", help="Run a plan or a @flow in a session.")
app.command("reev_flow.cli.resume:resume", help="Go on with a session where it was interrupted.")
app.command("reev_flow.cli.submit:submit", help="Leave the run of a plan or a @flow to a worker.")
app.command("reev_flow.cli.worker:worker", help="Take up the sessions of your flows that nobody works on.")
app.command(
    "reev_flow.cli.sessions:app",
    name="sessions",
    help="List, show, answer, cancel, recover, verify, back up, restore, prune or free sessions.",
)
app.command(
    "reev_flow.cli.chaos:chaos", help="Kill a flow at each point of its run in turn, go on with it, and compare."
)
app.command("reev_flow.cli.serve:serve", help="Take in the spans that programs send over OTLP, and keep them.")
app.command("reev_flow.cli.import_files:import_files", name="import", help="Put the spans of files into the store.")
app.command("reev_flow.cli.doctor:doctor", help="Look whether all is well where sessions are kept, and say what to do.")
app.command("reev_flow.cli.config:config", help="Show every setting, its value, and where it came from.")
app.command(
    "reev_flow.cli.demo:demo",
    help="Watch a flow being killed in the middle of a step, and going on in another process.",
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is the result. Interrupts are the caller's."""
    if sys.stdout is None:
        return _refuse("standard output is closed; send it to a file, or to /dev/null")
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(tokens)
    except CycloptsError as wrong:
        return _refuse(told_of_arguments(wrong))
    except ReevFlowError as error:
        return _refuse(str(error))
    except OSError as error:
        give_up_writing()
        if isinstance(error, BrokenPipeError):
            return EXIT_NO_READER
        return _refuse(f"cannot go on ({error}); check the disk, and the folder the command runs in")


def _run(tokens: list[str]) -> int:
    result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    sys.stdout.flush()
    return result if isinstance(result, int) else 0


def _refuse(why: str) -> int:
    tell(why)
    return EXIT_UNUSABLE
