"""What LangChain's callbacks hand to the instrumentations that listen to them."""

from typing import Any

from conformance.json_texts import python_json
from conformance.logical_run import MODEL, QUESTION, LogicalRun, ToolRun, Turn
from conformance.openai_api import finish_reason
from reev_flow.trace.span import TokenUsage


def usage_metadata(usage: TokenUsage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "total_tokens": usage.total,
        "input_token_details": {"cache_read": usage.cache_read, "cache_creation": usage.cache_write},
        "output_token_details": {"reasoning": usage.reasoning},
    }


def ai_message(turn: Turn) -> dict[str, Any]:
    return {
        "content": turn.answer,
        "additional_kwargs": {"refusal": None},
        "response_metadata": {"model_name": MODEL, "finish_reason": finish_reason(turn)},
        "type": "ai",
        "id": f"lc_run--{turn.work.span_id}",
        "tool_calls": [
            {"name": asked.name, "args": asked.arguments, "id": asked.call_id, "type": "tool_call"}
            for asked in turn.asked
        ],
        "usage_metadata": usage_metadata(turn.usage),
        "invalid_tool_calls": [],
    }


def human_message() -> dict[str, Any]:
    return {"content": QUESTION, "additional_kwargs": {}, "response_metadata": {}, "type": "human", "id": "h-1"}


def tool_message(tool: ToolRun) -> dict[str, Any]:
    return {
        "content": python_json(tool.result),
        "additional_kwargs": {},
        "response_metadata": {},
        "type": "tool",
        "name": tool.asked.name,
        "id": None,
        "tool_call_id": tool.asked.call_id,
        "artifact": None,
        "status": "success",
    }


def messages_before(run: LogicalRun, turn: Turn) -> list[dict[str, Any]]:
    sent = [human_message()]
    for earlier in run.turns[: run.turns.index(turn)]:
        sent.append(ai_message(earlier))
        sent += [tool_message(tool) for tool in earlier.tools if not tool.error]
    return sent


def constructed(kind: str, message: dict[str, Any]) -> dict[str, Any]:
    """A message as `langchain_core.load.dumps` writes it."""
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", kind], "kwargs": message}
