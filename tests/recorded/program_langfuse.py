"""The trip assistant traced by Langfuse: its callbacks for LangGraph, and its decorators around the hand-written loop."""

from __future__ import annotations

import importlib
from typing import Any

import scenarios
import trip_tools
from langfuse import Langfuse, observe, propagate_attributes
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from recording import Recorder
from scenario import CONVERSATION, Scenario
from stub_server import HOST, PORT

recorder = Recorder("trip-assistant-langfuse")
langfuse = Langfuse(
    public_key="pk-stub",
    secret_key="stub",
    base_url=f"http://{HOST}:{PORT}",
    tracer_provider=recorder.provider,
    span_exporter=InMemorySpanExporter(),  # the recorder keeps the spans
)
TRACED_TOOLS = {
    tool.__name__: observe(tool, name=tool.__name__, as_type="tool")  # type: ignore[call-overload] # any function
    for tool in trip_tools.TOOLS
}


def run_graph(scenario: Scenario) -> None:
    trip_graph = importlib.import_module("trip_graph")
    handler = importlib.import_module("langfuse.langchain").CallbackHandler()
    trip_graph.run(scenario, callbacks=[handler], metadata={"langfuse_session_id": CONVERSATION})
    langfuse.flush()


def run_loop(scenario: Scenario) -> None:
    with propagate_attributes(session_id=CONVERSATION, user_id="traveller-1"):
        trip_assistant(scenario.question)
    langfuse.flush()


@observe(as_type="agent")
def trip_assistant(question: str) -> str:
    hand_written_loop = importlib.import_module("hand_written_loop")
    hand_written_loop.OpenAI = importlib.import_module("langfuse.openai").OpenAI
    return str(hand_written_loop.answer(question, _run_tool))


def _run_tool(_call_id: str, name: str, arguments: dict[str, Any]) -> str:
    return str(TRACED_TOOLS[name](**arguments))


if __name__ == "__main__":
    recorder.record_all(
        {
            "langfuse_langgraph_clean": (scenarios.CLEAN, run_graph),
            "langfuse_langgraph_not_found": (scenarios.NOT_FOUND, run_graph),
            "langfuse_openai_clean": (scenarios.CLEAN, run_loop),
            "langfuse_openai_unavailable": (scenarios.UNAVAILABLE, run_loop),
        }
    )
