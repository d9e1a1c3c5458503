"""The trip assistant traced by MLflow, which sends its spans by an exporter of its own: LangGraph, and the OpenAI client."""

from __future__ import annotations

import os
from typing import Any

import otlp_catcher

os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = otlp_catcher.TRACES
os.environ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf"
os.environ["OTEL_SERVICE_NAME"] = "trip-assistant-mlflow"

import hand_written_loop
import mlflow
import mlflow.langchain
import mlflow.openai
import mlflow.tracing
import scenarios
import trip_graph
import trip_tools
from mlflow.entities import SpanType
from recording import folder_from_command_line
from scenario import CONVERSATION, Scenario

TRACED_TOOLS = {tool.__name__: mlflow.trace(tool, span_type=SpanType.TOOL) for tool in trip_tools.TOOLS}


def run_graph(scenario: Scenario) -> None:
    trip_graph.run(scenario)
    _flush()


def run_loop(scenario: Scenario) -> None:
    trip_assistant(scenario.question)
    _flush()


@mlflow.trace(span_type=SpanType.AGENT)
def trip_assistant(question: str) -> str:
    mlflow.update_current_trace(metadata={"mlflow.trace.session": CONVERSATION, "mlflow.trace.user": "traveller-1"})
    return hand_written_loop.answer(question, _run_tool)


def _run_tool(_call_id: str, name: str, arguments: dict[str, Any]) -> str:
    return str(TRACED_TOOLS[name](**arguments))


def _flush() -> None:
    """MLflow's spans wait in a batch, and its provider has no door for it."""
    mlflow.tracing.provider.provider._retire_current_batch_processors()
    mlflow.tracing.reset()


if __name__ == "__main__":
    folder = folder_from_command_line()
    mlflow.openai.autolog()
    otlp_catcher.record(folder, "mlflow_openai_clean", scenarios.CLEAN, run_loop)
    otlp_catcher.record(folder, "mlflow_openai_unavailable", scenarios.UNAVAILABLE, run_loop)
    mlflow.openai.autolog(disable=True)
    mlflow.langchain.autolog()
    otlp_catcher.record(folder, "mlflow_langgraph_clean", scenarios.CLEAN, run_graph)
    os.environ["MLFLOW_ENABLE_OTEL_GENAI_SEMCONV"] = "true"
    otlp_catcher.record(folder, "mlflow_genai_names", scenarios.CLEAN, run_graph)
