"""The LangGraph trip assistant, traced by LangSmith's client and exported to OpenTelemetry instead of to LangSmith."""

from __future__ import annotations

import scenarios
import trip_graph
from langchain_core.tracers.langchain import LangChainTracer
from langsmith import Client
from recording import Recorder
from scenario import Scenario
from stub_server import HOST, PORT

recorder = Recorder("trip-assistant-langsmith")
client = Client(
    api_url=f"http://{HOST}:{PORT}", api_key="stub", tracing_mode="otel", otel_tracer_provider=recorder.provider
)


def run(scenario: Scenario) -> None:
    trip_graph.run(scenario, callbacks=[LangChainTracer(client=client, project_name="trips")])
    client.flush()


if __name__ == "__main__":
    recorder.record_all({"langsmith_clean": (scenarios.CLEAN, run), "langsmith_not_found": (scenarios.NOT_FOUND, run)})
