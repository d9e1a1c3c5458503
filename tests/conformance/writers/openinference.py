"""OpenInference: its decorators around an instrumented OpenAI client.

Written from openinference-semantic-conventions and recordings of openinference-instrumentation 0.1.72 and -openai 0.1.66.
"""

from typing import Any

from conformance.json_texts import compact_json, python_json
from conformance.logical_run import (
    AGENT,
    FLOW,
    MODEL,
    MODEL_ASKED,
    PROVIDER,
    QUESTION,
    LogicalRun,
    ToolRun,
    Turn,
)
from conformance.openai_api import completion, finish_reason, messages_before, reply
from conformance.written import ERROR, OK, Pen, Written, WrittenSpan, exception

SCOPE = "openinference.instrumentation"
MODEL_SCOPE = "openinference.instrumentation.openai"


def write(run: LogicalRun) -> Written:
    pen = Pen(run, SCOPE)
    flow = _told("CHAIN", run, QUESTION, run.answer)
    agent = _told("AGENT", run, QUESTION, run.answer) | {"agent.name": AGENT}
    written = [pen.span(run.flow, None, FLOW, flow, status=OK), pen.span(run.agent, run.flow, AGENT, agent, status=OK)]
    for turn in run.turns:
        attributes = _model_call(run, turn)
        written.append(pen.span(turn.work, run.agent, "ChatCompletion", attributes, status=OK, scope=MODEL_SCOPE))
        written += [_tool(pen, run, tool) for tool in turn.tools]
    return Written(spans=tuple(written))


def flattened(prefix: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """`llm.input_messages.0.message.role` and so on."""
    told: dict[str, Any] = {}
    for number, message in enumerate(messages):
        start = f"{prefix}.{number}.message"
        told[f"{start}.role"] = message["role"]
        told[f"{start}.content"] = message["content"]
        told[f"{start}.tool_call_id"] = message.get("tool_call_id")
        for position, call in enumerate(message.get("tool_calls", ())):
            inner = f"{start}.tool_calls.{position}.tool_call"
            told[f"{inner}.id"] = call["id"]
            told[f"{inner}.function.name"] = call["function"]["name"]
            told[f"{inner}.function.arguments"] = call["function"]["arguments"]
    return told


def _told(kind: str, run: LogicalRun, given: str, returned: str) -> dict[str, Any]:
    return {
        "openinference.span.kind": kind,
        "session.id": run.conversation,
        "input.value": given,
        "input.mime_type": "text/plain",
        "output.value": returned,
        "output.mime_type": "text/plain",
    }


def _model_call(run: LogicalRun, turn: Turn) -> dict[str, Any]:
    usage, sent = turn.usage, messages_before(run, turn)
    return {
        "openinference.span.kind": "LLM",
        "session.id": run.conversation,
        "llm.system": PROVIDER,
        "llm.model_name": MODEL,
        "llm.invocation_parameters": python_json({"model": MODEL_ASKED}),
        "llm.token_count.prompt": usage.input,
        "llm.token_count.completion": usage.output,
        "llm.token_count.total": usage.total,
        "llm.token_count.prompt_details.cache_read": usage.cache_read,
        "llm.token_count.prompt_details.cache_write": usage.cache_write,
        "llm.token_count.completion_details.reasoning": usage.reasoning,
        "llm.finish_reason": finish_reason(turn),
        "input.value": python_json({"model": MODEL_ASKED, "messages": sent}),
        "input.mime_type": "application/json",
        "output.value": compact_json(completion(turn)),
        "output.mime_type": "application/json",
        **flattened("llm.input_messages", sent),
        **flattened("llm.output_messages", [reply(turn)]),
    }


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun) -> WrittenSpan:
    attributes = {
        "openinference.span.kind": "TOOL",
        "session.id": run.conversation,
        "tool.name": tool.asked.name,
        "tool.parameters": python_json({"type": "object"}),
        "input.value": python_json(tool.asked.arguments),
        "input.mime_type": "application/json",
        "output.value": None if tool.error else python_json(tool.result),
        "output.mime_type": None if tool.error else "application/json",
    }
    status, message = (ERROR, f"{tool.error_class}: {tool.error}") if tool.error else (OK, "")
    return pen.span(
        tool.work, run.agent, tool.asked.name, attributes, status=status, message=message, events=exception(tool)
    )
