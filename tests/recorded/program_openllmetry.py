"""The trip assistant traced by OpenLLMetry: the hand-written loop with Traceloop's decorators, then LangGraph."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import version
from typing import Any

import hand_written_loop
import scenarios
import trip_tools
from recording import Recorder
from scenario import CONVERSATION, Scenario
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import tool, workflow
from traceloop.sdk.instruments import Instruments

IS_OLDER = version("traceloop-sdk") < "0.5"  # messages were flattened into `gen_ai.prompt.N`
SERVICE = "trip-assistant-openllmetry"
recorder = Recorder(SERVICE)
Traceloop.init(
    SERVICE,
    exporter=recorder.keeper,
    disable_batch=True,
    telemetry_enabled=False,
    instruments={Instruments.OPENAI},
    resource_attributes=dict(recorder.provider.resource.attributes),
)
TRACED_TOOLS = {function.__name__: tool(name=function.__name__)(function) for function in trip_tools.TOOLS}


def run(scenario: Scenario) -> None:
    Traceloop.set_association_properties({"session_id": CONVERSATION, "user_id": "traveller-1"})
    plan_trip(scenario.question)


@workflow(name="plan_trip")
def plan_trip(question: str) -> str:
    return hand_written_loop.answer(question, _run_tool)


def _run_tool(_call_id: str, name: str, arguments: dict[str, Any]) -> str:
    return str(TRACED_TOOLS[name](**arguments))


if __name__ == "__main__":
    if IS_OLDER:
        recorder.record_all({"openllmetry_older_clean": (scenarios.CLEAN, run)})
        sys.exit()
    recorder.record_all(
        {
            "openllmetry_openai_clean": (scenarios.CLEAN, run),
            "openllmetry_openai_unavailable": (scenarios.UNAVAILABLE, run),
        }
    )
    trip_graph = importlib.import_module("trip_graph")
    importlib.import_module("opentelemetry.instrumentation.langchain").LangchainInstrumentor().instrument()
    recorder.record_all(
        {
            "openllmetry_langgraph_clean": (scenarios.CLEAN, trip_graph.run),
            "openllmetry_langgraph_not_found": (scenarios.NOT_FOUND, trip_graph.run),
        }
    )
