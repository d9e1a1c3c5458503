"""The hand-written loop, traced by AGNTCY's observe SDK and its decorators."""

from __future__ import annotations

import os
from typing import Any

os.environ["OBSERVE_METRICS_ENABLED"] = os.environ["OBSERVE_LOGGING_ENABLED"] = "false"

import hand_written_loop
import scenarios
import trip_tools
from ioa_observe.sdk import Observe
from ioa_observe.sdk.decorators import agent, tool
from ioa_observe.sdk.instruments import Instruments
from ioa_observe.sdk.tracing import session_start
from recording import Recorder
from scenario import Scenario

SERVICE = "trip-assistant-ioa-observe"
recorder = Recorder(SERVICE)
Observe.init(
    SERVICE,
    api_endpoint="http://127.0.0.1:9",
    exporter=recorder.keeper,
    disable_batch=True,
    telemetry_enabled=False,
    instruments={Instruments.OPENAI},
    resource_attributes=dict(recorder.provider.resource.attributes),
)
TRACED_TOOLS = {function.__name__: tool(name=function.__name__)(function) for function in trip_tools.TOOLS}


def run(scenario: Scenario) -> None:
    session_start()
    trip_assistant(scenario.question)


@agent(name="trip_assistant", description="Plans trips.")
def trip_assistant(question: str) -> str:
    return hand_written_loop.answer(question, _run_tool)


def _run_tool(_call_id: str, name: str, arguments: dict[str, Any]) -> str:
    return str(TRACED_TOOLS[name](**arguments))


if __name__ == "__main__":
    recorder.record_all(
        {"ioa_observe_clean": (scenarios.CLEAN, run), "ioa_observe_unavailable": (scenarios.UNAVAILABLE, run)}
    )
