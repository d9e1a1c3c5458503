"""The trip tools behind MCP: the official SDK's spans, FastMCP's, and those of OpenLLMetry's instrumentation."""

from __future__ import annotations

import asyncio
import contextlib

import scenarios
import trip_tools
from opentelemetry import trace
from recording import Recorder
from scenario import AskedCall, Scenario

recorder = Recorder("trip-tools-mcp")
trace.set_tracer_provider(recorder.provider)


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
            "mcp_official": (scenarios.UNAVAILABLE, run_official),
            "mcp_fastmcp": (scenarios.UNAVAILABLE, run_fastmcp),
        }
    )
