"""A client that asks a remote agent over A2A: both sides in one process, so that both leave their spans."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import scenarios
from a2a.client import ClientConfig, ClientFactory
from a2a.helpers import new_text_message
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore
from a2a.types import AgentCapabilities, AgentCard, AgentInterface, Role, SendMessageRequest
from opentelemetry import trace
from recording import Recorder
from scenario import Scenario
from starlette.applications import Starlette

URL = "http://trip-agent"
recorder = Recorder("trip-agent-a2a")
trace.set_tracer_provider(recorder.provider)


class TripAgent(AgentExecutor):
    """Answers at once."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        await event_queue.enqueue_event(new_text_message(scenarios.ANSWER, role=Role.ROLE_AGENT))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Nothing runs long enough."""


def run(scenario: Scenario) -> None:
    with recorder.provider.get_tracer("trip_assistant").start_as_current_span("invoke_agent trip_assistant"):
        asyncio.run(_ask(scenario.question))


async def _ask(question: str) -> None:
    card = AgentCard(
        name="trip_agent",
        description="Plans trips.",
        version="1.0.0",
        default_input_modes=["text"],
        default_output_modes=["text"],
        capabilities=AgentCapabilities(streaming=False),
        supported_interfaces=[AgentInterface(url=URL, protocol_binding="JSONRPC", protocol_version="1.0")],
    )
    handler = DefaultRequestHandler(agent_executor=TripAgent(), task_store=InMemoryTaskStore(), agent_card=card)
    app = Starlette(routes=create_jsonrpc_routes(handler, "/"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as to_agent:
        client = ClientFactory(ClientConfig(httpx_client=to_agent, streaming=False)).create(card)
        async for _ in client.send_message(SendMessageRequest(message=new_text_message(question, role=Role.ROLE_USER))):
            pass


if __name__ == "__main__":
    untraced = replace(scenarios.CLEAN, are_tools_traced=False, are_model_calls_traced=False)
    recorder.record_all({"a2a_message": (untraced, run)})
