"""The trip tools behind MCP: the official SDK's spans, FastMCP's, and those of OpenLLMetry's instrumentation."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import scenarios
import trip_tools
from opentelemetry import trace
from recording import Recorder
from scenario import AskedCall, Fault, Scenario

recorder = Recorder("trip-tools-mcp")
trace.set_tracer_provider(recorder.provider)


def unanswered(*, is_visible: bool) -> Scenario:
    """Nobody answers, and the official SDK's span does not say why a tool failed."""
    fault = Fault(kind="unavailable_503", tool="convert_currency", is_told=False, is_visible=is_visible)
    return replace(scenarios.UNAVAILABLE, faults=(fault,))


def run_official(scenario: Scenario) -> None:
    asyncio.run(_official(scenario))


async def _official(scenario: Scenario) -> None:
    from mcp import Client
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("trip-tools")
    for tool in trip_tools.TOOLS:
        server.add_tool(tool)
    async with Client(server) as client:
        await client.list_tools()
        for call in _calls(scenario):
            with contextlib.suppress(Exception):
                await client.call_tool(call.tool, dict(call.arguments))


def run_fastmcp(scenario: Scenario) -> None:
    asyncio.run(_fastmcp(scenario))


async def _fastmcp(scenario: Scenario) -> None:
    from fastmcp import Client, FastMCP

    server = FastMCP("trip-tools", tools=list(trip_tools.TOOLS))
    async with Client(server) as client:
        await client.list_tools()
        for call in _calls(scenario):
            with contextlib.suppress(Exception):
                await client.call_tool(call.tool, dict(call.arguments))


def _calls(scenario: Scenario) -> list[AskedCall]:
    return [call for turns in scenario.turns.values() for turn in turns for call in turn.calls]


if __name__ == "__main__":
    recorder.record_all(
        {
            "mcp_official": (unanswered(is_visible=False), run_official),
            "mcp_fastmcp": (unanswered(is_visible=True), run_fastmcp),
        }
    )
