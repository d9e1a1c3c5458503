"""The trip assistant in Pydantic AI, traced by Logfire, which also sends a pending span for each span that begins."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import httpx
import logfire
import scenarios
import trip_tools
from logfire._internal.exporters.remove_pending import RemovePendingSpansExporter
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from recording import Recorder
from scenario import CONVERSATION, MODEL, SYSTEM_PROMPT, Fault, Scenario
from stub_server import HOST, PORT

SERVICE = "trip-assistant-logfire"
recorder = Recorder(SERVICE)


def run(scenario: Scenario) -> None:
    """Any error but Pydantic AI's own ends the run."""
    provider = OpenAIProvider(base_url=f"http://{HOST}:{PORT}/v1", api_key="stub")
    agent = Agent(
        OpenAIChatModel(MODEL, provider=provider),
        name="trip_assistant",
        instructions=SYSTEM_PROMPT,
        tools=list(trip_tools.TOOLS),
    )
    with suppress(httpx.HTTPError), logfire.span("plan trip to {city}", city="Lisbon"):
        agent.run_sync(scenario.question, conversation_id=CONVERSATION)
        logfire.info("planned a trip to {city}", city="Lisbon")


if __name__ == "__main__":
    logfire.configure(
        send_to_logfire=False,
        console=False,
        service_name=SERVICE,
        service_version="1.0.0",
        inspect_arguments=False,
        # As the exporter to Logfire itself is wrapped: pending spans are left out only beside their finished ones.
        additional_span_processors=[SimpleSpanProcessor(RemovePendingSpansExporter(recorder.keeper))],
    )
    logfire.instrument_pydantic_ai()
    fault = Fault(kind="unavailable_503", tool="convert_currency", is_told=True)  # the run says so by failing
    broken_off = replace(scenarios.RETRIED, faults=(fault,))
    recorder.record_all({"logfire_clean": (scenarios.CLEAN, run), "logfire_broken_off": (broken_off, run)})
