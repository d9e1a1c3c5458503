"""One scripted turn as the JSON of an OpenAI chat completion or of an OpenAI response."""

from __future__ import annotations

import json
from typing import Any

from scenario import Turn

CREATED = 1_767_225_600  # a fixed second: it is not a measurement
DATED = "-2025-04-14"  # real answers name a dated model, which the request did not


def chat_completion(request: dict[str, Any], number: int, turn: Turn) -> dict[str, Any]:
    model = request["model"]
    message: dict[str, Any] = {"role": "assistant", "content": turn.text or None, "refusal": None, "annotations": []}
    if turn.calls:
        message["tool_calls"] = [
            {
                "id": _call_id(model, number, position),
                "type": "function",
                "function": {"name": asked.tool, "arguments": json.dumps(asked.arguments)},
            }
            for position, asked in enumerate(turn.calls)
        ]
    return {
        "id": f"chatcmpl-{_short(model)}-{number}",
        "object": "chat.completion",
        "created": CREATED,
        "model": model + DATED,
        "choices": [
            {"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if turn.calls else "stop"}
        ],
        "usage": {
            "prompt_tokens": turn.input_tokens,
            "completion_tokens": turn.output_tokens,
            "total_tokens": turn.input_tokens + turn.output_tokens,
            "prompt_tokens_details": {"cached_tokens": turn.cached_tokens},
            "completion_tokens_details": {"reasoning_tokens": turn.reasoning_tokens},
        },
        "system_fingerprint": "fp_stub",
    }


def response(request: dict[str, Any], number: int, turn: Turn) -> dict[str, Any]:
    """The real service repeats the request's instructions and tools in its answer, and so does this one."""
    model = request["model"]
    return {
        "id": f"resp_{_short(model)}_{number}",
        "object": "response",
        "created_at": CREATED,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": request.get("instructions"),
        "metadata": {},
        "model": model + DATED,
        "output": _function_calls(model, number, turn) if turn.calls else [_message(model, number, turn)],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": request.get("tools", []),
        "top_p": 1.0,
        "usage": {
            "input_tokens": turn.input_tokens,
            "input_tokens_details": {"cached_tokens": turn.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": turn.output_tokens,
            "output_tokens_details": {"reasoning_tokens": turn.reasoning_tokens},
            "total_tokens": turn.input_tokens + turn.output_tokens,
        },
    }


def _function_calls(model: str, number: int, turn: Turn) -> list[dict[str, Any]]:
    return [
        {
            "type": "function_call",
            "id": f"fc_{_short(model)}_{number}_{position}",
            "call_id": _call_id(model, number, position),
            "name": asked.tool,
            "arguments": json.dumps(asked.arguments),
            "status": "completed",
        }
        for position, asked in enumerate(turn.calls)
    ]


def _message(model: str, number: int, turn: Turn) -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"msg_{_short(model)}_{number}",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": turn.text, "annotations": [], "logprobs": []}],
    }


def _call_id(model: str, number: int, position: int) -> str:
    return f"call_{_short(model)}_{number}_{position}"


def _short(model: str) -> str:
    return model.rpartition("-")[2].replace(".", "")
