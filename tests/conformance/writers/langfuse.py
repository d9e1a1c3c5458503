"""Langfuse: its LangChain callbacks, and its decorators around its own OpenAI client.

Written from recordings of langfuse 5.0.4. The callbacks take cached and reasoning tokens out of input and output; the client leaves
OpenAI's counts as they are.
"""

from typing import Any

from conformance.json_texts import compact_json, python_json
from conformance.langchain_messages import tool_message
from conformance.logical_run import AGENT, FLOW, MODEL, QUESTION, LogicalRun, ToolRun, Turn
from conformance.openai_api import completion, messages_before, reply
from conformance.written import ERROR, UNSET, Pen, Written, WrittenSpan

SCOPE = "langfuse-sdk"


def write(run: LogicalRun) -> Written:
    pen = Pen(run, SCOPE)
    spans = _outer(pen, run)
    for turn in run.turns:
        usage = turn.usage
        counts = {
            "input": usage.input - usage.cache_read - usage.cache_write,
            "output": usage.output - usage.reasoning,
            "total": usage.total,
            "input_cache_read": usage.cache_read,
            "input_cache_creation": usage.cache_write,
            "output_reasoning": usage.reasoning,
        }
        spans.append(
            pen.span(turn.work, run.agent, "ChatOpenAI", _generation(run, turn, _langchain_reply(turn), counts))
        )
        for tool in turn.tools:
            returned = None if tool.error else python_json(tool_message(tool))
            told = _observation(run, "tool", python_json(tool.asked.arguments), returned)
            told["langfuse.observation.metadata.tool_call_id"] = python_json(tool.asked.call_id)
            spans.append(_tool(pen, run, tool, told))
    return Written(spans=tuple(spans))


def write_client(run: LogicalRun) -> Written:
    pen = Pen(run, SCOPE)
    spans = _outer(pen, run)
    for turn in run.turns:
        attributes = _generation(run, turn, reply(turn), completion(turn)["usage"])
        spans.append(pen.span(turn.work, run.agent, "OpenAI-generation", attributes))
        for tool in turn.tools:
            given = python_json({"args": [], "kwargs": tool.asked.arguments})
            returned = None if tool.error else python_json(tool.result)
            spans.append(_tool(pen, run, tool, _observation(run, "tool", given, returned)))
    return Written(spans=tuple(spans))


def _outer(pen: Pen, run: LogicalRun) -> list[WrittenSpan]:
    given = python_json({"args": [QUESTION], "kwargs": {}})
    flow = _observation(run, "chain", given, run.answer)
    agent = _observation(run, "agent", given, run.answer)
    return [pen.span(run.flow, None, FLOW, flow), pen.span(run.agent, run.flow, AGENT, agent)]


def _observation(run: LogicalRun, kind: str, given: str, returned: str | None) -> dict[str, Any]:
    return {
        "session.id": run.conversation,
        "user.id": "traveller-1",
        "langfuse.observation.type": kind,
        "langfuse.observation.input": given,
        "langfuse.observation.output": returned,
    }


def _langchain_reply(turn: Turn) -> dict[str, Any]:
    calls = [
        {"name": asked.name, "args": asked.arguments, "id": asked.call_id, "type": "tool_call"} for asked in turn.asked
    ]
    asked = {"tool_calls": calls} if calls else {}
    return {"role": "assistant", "content": turn.answer, **asked, "additional_kwargs": {"refusal": None}}


def _generation(run: LogicalRun, turn: Turn, said: dict[str, Any], counts: dict[str, Any]) -> dict[str, Any]:
    given = compact_json(messages_before(run, turn))
    return _observation(run, "generation", given, python_json(said)) | {
        "langfuse.observation.model.name": MODEL,
        "langfuse.observation.model.parameters": "{}",
        "langfuse.observation.usage_details": python_json(counts),
    }


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun, attributes: dict[str, Any]) -> WrittenSpan:
    if tool.error:
        attributes = attributes | {
            "langfuse.observation.level": "ERROR",
            "langfuse.observation.status_message": tool.error,
        }
    status = ERROR if tool.error else UNSET
    return pen.span(tool.work, run.agent, tool.asked.name, attributes, status=status, message=tool.error)
