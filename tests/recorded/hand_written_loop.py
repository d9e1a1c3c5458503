"""The trip assistant without a framework: a loop around the OpenAI client."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import trip_tools
from openai import OpenAI
from scenario import MODEL, SYSTEM_PROMPT
from stub_server import HOST, PORT

TOOLS = {tool.__name__: tool for tool in trip_tools.TOOLS}


def answer(question: str, run_tool: Callable[[str, str, dict[str, Any]], str]) -> str:
    """Ask until the model gives a text; `run_tool` gets the call's id, the tool's name and its arguments."""
    client = OpenAI(base_url=f"http://{HOST}:{PORT}/v1", api_key="stub", max_retries=0)
    messages: list[Any] = [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": question}]
    while True:
        choice = client.chat.completions.create(model=MODEL, messages=messages, tools=definitions()).choices[0]
        if not choice.message.tool_calls:
            return choice.message.content or ""
        messages.append(choice.message.model_dump(include={"role", "content", "tool_calls"}))
        for asked in choice.message.tool_calls:
            content = _told(run_tool, asked.id, asked.function.name, json.loads(asked.function.arguments))
            messages.append({"role": "tool", "tool_call_id": asked.id, "content": content})


def _told(
    run_tool: Callable[[str, str, dict[str, Any]], str], call_id: str, name: str, arguments: dict[str, Any]
) -> str:
    try:
        return run_tool(call_id, name, arguments)
    except httpx.HTTPError as error:
        return f"Error: {error}"


def definitions() -> list[Any]:
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": (tool.__doc__ or "").partition("\n")[0],
                "parameters": {"type": "object", "properties": {}},
            },
        }
        for name, tool in TOOLS.items()
    ]
