"""What passes between an agent and OpenAI's chat completions, which many instrumentations write down as it is."""

import json
from typing import Any

from conformance.logical_run import FAILED, MODEL, QUESTION, SYSTEM, Asked, LogicalRun, ToolRun, Turn


def tool_call(asked: Asked) -> dict[str, Any]:
    function = {"arguments": json.dumps(asked.arguments, ensure_ascii=False), "name": asked.name}
    return {"id": asked.call_id, "function": function, "type": "function"}


def finish_reason(turn: Turn) -> str:
    return "length" if turn.is_cut else "tool_calls" if turn.asked else "stop"


def reply(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": turn.answer or None}
    if turn.asked:
        message["tool_calls"] = [tool_call(asked) for asked in turn.asked]
    return message


def completion(turn: Turn) -> dict[str, Any]:
    usage = turn.usage
    return {
        "id": f"chatcmpl-{turn.work.span_id}",
        "choices": [
            {
                "finish_reason": finish_reason(turn),
                "index": 0,
                "logprobs": None,
                "message": {**reply(turn), "refusal": None},
            }
        ],
        "created": 1_767_225_600,
        "model": MODEL,
        "object": "chat.completion",
        "usage": {
            "completion_tokens": usage.output,
            "prompt_tokens": usage.input,
            "total_tokens": usage.total,
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
            "prompt_tokens_details": {"cached_tokens": usage.cache_read},
        },
    }


def messages_before(run: LogicalRun, turn: Turn) -> list[dict[str, Any]]:
    """What the model was sent: all that was said so far, its own requests and their results included."""
    sent: list[dict[str, Any]] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    for earlier in run.turns[: run.turns.index(turn)]:
        sent.append(reply(earlier))
        results = {tool.asked.call_id: _heard(tool) for tool in earlier.tools}
        sent += [
            {"role": "tool", "tool_call_id": asked.call_id, "content": results.get(asked.call_id, f"Error: {FAILED}")}
            for asked in earlier.asked
        ]
    return sent


def _heard(tool: ToolRun) -> str:
    return f"Error: {tool.error}" if tool.error else json.dumps(tool.result)
