"""The trip assistant as a DBOS workflow: its steps run the model calls and the tools, and DBOS writes the spans."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import scenarios
import trip_tools
from dbos import DBOS, SetWorkflowID
from openai import OpenAI
from opentelemetry import trace
from recording import Recorder
from scenario import MODEL, Scenario
from stub_server import HOST, PORT

recorder = Recorder("trip-assistant-dbos")
trace.set_tracer_provider(recorder.provider)
TOOLS = {tool.__name__: tool for tool in trip_tools.TOOLS}


def untraced(scenario: Scenario) -> Scenario:
    """DBOS knows of steps, not of models and tools."""
    return replace(scenario, are_tools_traced=False, are_model_calls_traced=False)


def run(scenario: Scenario, names: str, workflow_id: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        DBOS(
            config={
                "name": "trip-assistant",
                "application_version": "1",
                "executor_id": "local",
                "system_database_url": f"sqlite:///{Path(folder) / 'dbos.sqlite'}",
                "enable_otlp": True,
                "otel_attribute_format": names,
                "run_admin_server": False,
            }
        )
        DBOS.launch()
        with SetWorkflowID(workflow_id):
            plan_trip(scenario.question)
        DBOS.destroy()


@DBOS.workflow()
def plan_trip(question: str) -> str:
    messages = [{"role": "user", "content": question}]
    while True:
        message = json.loads(ask_model(messages))
        if not message.get("tool_calls"):
            return str(message["content"])
        messages.append(message)
        for call in message["tool_calls"]:
            result = run_tool(call["function"]["name"], call["function"]["arguments"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})


@DBOS.step()
def ask_model(messages: list) -> str:
    client = OpenAI(base_url=f"http://{HOST}:{PORT}/v1", api_key="stub", max_retries=0)
    choice = client.chat.completions.create(model=MODEL, messages=messages).choices[0]
    return choice.message.model_dump_json(include={"role", "content", "tool_calls"})


@DBOS.step(retries_allowed=True, max_attempts=2, interval_seconds=0.05)
def run_tool(name: str, arguments: str) -> str:
    return TOOLS[name](**json.loads(arguments))


if __name__ == "__main__":
    recorder.record_all(
        {
            "dbos_clean": (untraced(scenarios.CLEAN), lambda scenario: run(scenario, "semconv", "trip-42")),
            "dbos_older_names": (untraced(scenarios.RETRIED), lambda scenario: run(scenario, "legacy", "trip-43")),
        }
    )
