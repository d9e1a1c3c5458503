"""The LangGraph trip assistant, traced by LangSmith's client and exported to OpenTelemetry instead of to LangSmith."""

from __future__ import annotations

import scenarios
import trip_graph
from langchain_core.tracers.langchain import LangChainTracer
from langsmith import Client
from recording import Recorder
from scenario import Scenario
from stub_server import HOST, PORT


def record(runs: dict[str, Scenario], *, longest_value: int | None = None) -> None:
    recorder = Recorder("trip-assistant-langsmith", longest_value=longest_value)
    client = Client(
        api_url=f"http://{HOST}:{PORT}", api_key="stub", tracing_mode="otel", otel_tracer_provider=recorder.provider
    )

    def run(scenario: Scenario) -> None:
        trip_graph.run(scenario, callbacks=[LangChainTracer(client=client, project_name="trips")])
        client.flush()

    recorder.record_all({name: (scenario, run) for name, scenario in runs.items()})


if __name__ == "__main__":
    record({"langsmith_clean": scenarios.CLEAN, "langsmith_not_found": scenarios.NOT_FOUND})
    record({"langsmith_cut": scenarios.CLEAN}, longest_value=700)
