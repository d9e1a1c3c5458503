"""Messages in the form of OpenTelemetry's GenAI conventions: roles with parts."""

from typing import Any

from conformance.logical_run import FAILED, QUESTION, SYSTEM, Asked, LogicalRun, Turn


def output_messages(turn: Turn) -> list[dict[str, Any]]:
    said = [{"type": "text", "content": turn.answer}] if turn.answer else []
    return [{"role": "assistant", "parts": said + list(map(_call, turn.asked)), "finish_reason": told_finish(turn)}]


def told_finish(turn: Turn) -> str:
    return "length" if turn.is_cut else "tool_call" if turn.asked else "stop"


def input_messages(run: LogicalRun, turn: Turn) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = [
        {"role": "system", "parts": [{"type": "text", "content": SYSTEM}]},
        {"role": "user", "parts": [{"type": "text", "content": QUESTION}]},
    ]
    for earlier in run.turns[: run.turns.index(turn)]:
        sent.append({"role": "assistant", "parts": list(map(_call, earlier.asked))})
        results = {tool.asked.call_id: tool.error or tool.result for tool in earlier.tools}
        sent.append({"role": "tool", "parts": [_response(asked, results) for asked in earlier.asked]})
    return sent


def _call(asked: Asked) -> dict[str, Any]:
    return {"type": "tool_call", "id": asked.call_id, "name": asked.name, "arguments": asked.arguments}


def _response(asked: Asked, results: dict[str, Any]) -> dict[str, Any]:
    return {"type": "tool_call_response", "id": asked.call_id, "response": results.get(asked.call_id, FAILED)}
