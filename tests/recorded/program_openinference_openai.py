"""The hand-written loop, traced by OpenInference's OpenAI instrumentation and its decorators."""

from __future__ import annotations

from typing import Any

import hand_written_loop
import scenarios
from openinference.instrumentation import OITracer, TraceConfig, using_session
from openinference.instrumentation.openai import OpenAIInstrumentor
from recording import Recorder
from scenario import CONVERSATION, Scenario

recorder = Recorder("trip-assistant-openinference-openai")
tracer = OITracer(recorder.provider.get_tracer("trip_assistant"), TraceConfig())
TRACED_TOOLS = {name: tracer.tool(tool) for name, tool in hand_written_loop.TOOLS.items()}


def run(scenario: Scenario) -> None:
    with using_session(CONVERSATION):
        trip_assistant(scenario.question)


@tracer.agent
def trip_assistant(question: str) -> str:
    return hand_written_loop.answer(question, _run_tool)


def _run_tool(_call_id: str, name: str, arguments: dict[str, Any]) -> str:
    return TRACED_TOOLS[name](**arguments)


if __name__ == "__main__":
    OpenAIInstrumentor().instrument(tracer_provider=recorder.provider)
    recorder.record_all(
        {
            "openinference_openai_clean": (scenarios.CLEAN, run),
            "openinference_openai_unavailable": (scenarios.UNAVAILABLE, run),
        }
    )
