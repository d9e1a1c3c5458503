"""The command `reev-flow`: what people type, and what they are told when it cannot be done."""

import os
import signal
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, Parameter

from reev_flow.errors import ReevFlowError
from reev_flow.version import __version__

EXIT_FOUND = 1
EXIT_UNUSABLE = 2  # wrong arguments, wrong settings, input that could not be read whole
EXIT_INTERRUPTED = 128 + signal.SIGINT
EXIT_NO_READER = 128 + 13  # SIGPIPE, which Windows does not name

HELP = "Read traces of agent runs: what happened, where time and tokens went, what failed."

app = App(
    name="reev-flow",
    help=HELP,
    version=__version__,
    default_parameter=Parameter(negative=()),  # no --no-json beside --json
    help_format="plaintext",
    help_formatter="plain",
    help_epilogue="Exit codes: 0 done, 1 `check` found something, 2 wrong arguments or input that could not be read whole.",
)
app.command("reev_flow.cli.analyze:analyze", help="Tell everything about the runs in trace files.")
app.command("reev_flow.cli.check:check", help="Look for what went wrong, slow or dear; for people and for CI.")
app.command("reev_flow.cli.diagram:diagram", help="Draw the runs in trace files as a Mermaid flowchart.")
app.command("reev_flow.cli.runs:app", name="runs", help="List the runs in trace files, or show the tree of one.")
app.command("reev_flow.cli.config:config", help="Show every setting, its value, and where it came from.")
app.command("reev_flow.cli.demo:demo", help="Read a recorded run that comes with the package.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is the result."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError as wrong:
        return _refuse(f"{' '.join(str(wrong).split())} `reev-flow --help` shows what can be asked.")
    except ReevFlowError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return _leave_quietly()
    return result if isinstance(result, int) else 0


def _refuse(why: str) -> int:
    sys.stderr.write(f"reev-flow: {why}\n")
    return EXIT_UNUSABLE


def _leave_quietly() -> int:
    """Nobody reads on. What is still buffered goes nowhere, so that the interpreter has nothing to complain of at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return EXIT_NO_READER
