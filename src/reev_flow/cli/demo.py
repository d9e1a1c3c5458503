"""`reev-flow demo`: a recorded run, read before your eyes."""

import os
import shutil
import sys
from pathlib import Path

from reev_flow.cli.output import write_text
from reev_flow.pipeline import TraceProcessor, read_traces
from reev_flow.render.terminal import terminal_text
from reev_flow.render.terminal_options import options_for

RECORDED = Path(__file__).with_name("demo.otlp.jsonl")

INTRODUCTION = """\
A weekend planner: a LangGraph program of five nodes, recorded through its real OpenTelemetry instrumentation. A scripted server
stood where the model and the tools' services would be, so the words are invented and the times are real.
"""


def demo() -> int:
    """Read a recorded run that comes with the package. Writes no file."""
    (trace,) = read_traces(RECORDED)
    insights = TraceProcessor().process_trace(trace)
    options = options_for(sys.stdout, os.environ)
    write_text(f"{INTRODUCTION}\n{terminal_text(insights, options)}\n")
    write_text("The same run as a diagram; paste it into a ```mermaid block of a pull request:\n\n")
    write_text(insights.diagram)
    write_text(f"\n{_what_next()}")
    return 0


def _what_next() -> str:
    command = _command()
    return f"""\
No file was written. The trace is
  {RECORDED}
Try, with it or with a trace of your own:
  {command} check FILE              what went wrong, with an exit code for CI
  {command} analyze FILE --json     everything above for a program
  {command} diagram FILE > run.mmd  the diagram alone
  {command} runs list FOLDER        every run in a folder of traces
"""


def _command() -> str:
    """What to type here: the name where it is on the path, else where the command lies."""
    return "reev-flow" if shutil.which("reev-flow") else sys.argv[0]
