"""The hand-written loop on Azure's inference client, whose tracing keeps messages in events of the span, as the conventions once said."""

from __future__ import annotations

import json
import os
from dataclasses import replace

os.environ["AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED"] = "true"

import hand_written_loop
import scenarios
import trip_tools
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from azure.core.settings import settings
from opentelemetry import trace
from recording import Recorder
from scenario import MODEL, SYSTEM_PROMPT, Scenario
from stub_server import HOST, PORT

TOOLS = {tool.__name__: tool for tool in trip_tools.TOOLS}


def run(scenario: Scenario) -> None:
    client = ChatCompletionsClient(f"http://{HOST}:{PORT}/v1", AzureKeyCredential("stub"))
    messages = [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": scenario.question}]
    while True:
        message = (
            client.complete(model=MODEL, messages=messages, tools=hand_written_loop.definitions()).choices[0].message
        )
        if not message.tool_calls:
            return
        messages.append(message.as_dict())
        for call in message.tool_calls:
            content = TOOLS[call.function.name](**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": content})


if __name__ == "__main__":
    recorder = Recorder("trip-assistant-azure-inference")
    trace.set_tracer_provider(recorder.provider)
    settings.tracing_implementation = "opentelemetry"
    AIInferenceInstrumentor().instrument()
    recorder.record_all({"azure_inference_clean": (replace(scenarios.CLEAN, are_tools_traced=False), run)})
