"""The flow of the demo: an agent that asks its chooser for tools, uses them beside each other, and asks again, until there is an answer."""

from pathlib import Path
from typing import Any, Literal

from reev_flow.cli.demo_script import QUESTION, Call, Choice, Note, choose
from reev_flow.cli.demo_tally import Tally
from reev_flow.cli.demo_tools import Report, tools_of
from reev_flow.errors import StepFailed
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.tracing.tracer import FlowTracer

CHOOSE = "choose"
CHOOSER = "scripted chooser"
REPORT = "report.md"
TALLY = "tally.txt"
ASK: Literal["ask"] = "ask"
RERUN: Literal["rerun"] = "rerun"
EFFECTS = frozenset({"write_section"})  # what must not happen twice; everything else only looks


@flow
async def explore(session: SessionHandle, folder: str) -> str:
    """The answer. The report and the tally are written into `folder`."""
    tools = tools_of(Report(Path(folder) / REPORT))
    tally = Tally(Path(folder) / TALLY)
    tracer = session.tracer or FlowTracer()

    def ask_chooser(notes: list[Note]) -> Choice:
        with tracer.operation("llm", CHOOSER, arguments=QUESTION) as span:
            choice = choose(notes)
            span.result(_message(choice))
            return choice

    async def use(call: Call) -> Note:
        tool = tally.counted(tools[call.tool])
        try:
            result = await session.step(
                tool, on_interrupt=declared(call.tool), operation="tool", name=call.tool, **call.arguments
            )
        except (SyntaxError, StepFailed) as failure:  # the chooser is told, as a model would be
            return Note(call, failure=str(failure))
        return Note(call, result)

    notes: list[Note] = []
    while True:
        choice = await session.step(ask_chooser, notes, name=CHOOSE, on_interrupt=RERUN)
        if choice.answer:
            return str(choice.answer)
        notes = [*notes, *await session.gather(*map(use, choice.calls))]


def declared(tool: str) -> Literal["ask", "rerun"]:
    """What is to be done when a crash caught it in the middle."""
    return ASK if tool in EFFECTS else RERUN


def _message(choice: Choice) -> Any:
    """As models put it: text, or calls."""
    if choice.answer:
        return choice.answer
    calls = [{"type": "tool_call", "name": call.tool, "arguments": call.arguments} for call in choice.calls]
    return [{"role": "assistant", "parts": calls}]
