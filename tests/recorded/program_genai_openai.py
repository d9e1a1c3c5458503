"""The hand-written loop, traced by OpenTelemetry's own OpenAI instrumentation and its GenAI toolkit."""

from __future__ import annotations

import os
from typing import Any

import hand_written_loop
import scenarios
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.util.genai.handler import TelemetryHandler
from recording import Recorder
from scenario import CONVERSATION, MODEL, Scenario

CAPTURE_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"

recorder = Recorder("trip-assistant-genai-openai")


def run(scenario: Scenario) -> None:
    """Agent and tool spans by the GenAI toolkit around the instrumentation's model calls."""
    handler = TelemetryHandler(tracer_provider=recorder.provider)

    def traced(call_id: str, name: str, arguments: dict[str, Any]) -> str:
        with handler.tool(name, tool_type="function", agent_name="trip_assistant") as invocation:
            invocation.tool_call_id = call_id
            invocation.arguments = arguments
            invocation.tool_result = hand_written_loop.TOOLS[name](**arguments)
            return str(invocation.tool_result)

    with (
        handler.workflow("plan_trip", conversation_id=CONVERSATION),
        handler.invoke_local_agent(request_model=MODEL, agent_name="trip_assistant", conversation_id=CONVERSATION),
    ):
        hand_written_loop.answer(scenario.question, traced)


def run_model_calls_only(scenario: Scenario) -> None:
    """The defaults: no content, and as nobody traces the agent, each model call is a trace of its own."""
    del os.environ[CAPTURE_CONTENT]
    OpenAIInstrumentor().uninstrument()
    OpenAIInstrumentor().instrument(tracer_provider=recorder.provider)
    hand_written_loop.answer(scenario.question, lambda _, name, arguments: hand_written_loop.TOOLS[name](**arguments))


if __name__ == "__main__":
    os.environ[CAPTURE_CONTENT] = "span_only"
    OpenAIInstrumentor().instrument(tracer_provider=recorder.provider)
    recorder.record_all(
        {
            "genai_openai_clean": (scenarios.CLEAN, run),
            "genai_openai_faulty": (scenarios.FAULTY, run),
            "genai_openai_model_calls_only": (scenarios.MODEL_CALLS_ONLY, run_model_calls_only),
        }
    )
