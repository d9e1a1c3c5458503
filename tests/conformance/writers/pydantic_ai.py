"""Pydantic AI below a span of Logfire: its data format 5 with Logfire's pending spans, and its data format 2 without.

Written from recordings of pydantic-ai-slim 2.68.0 and of logfire.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from conformance.genai_messages import input_messages, output_messages, told_finish
from conformance.json_texts import compact_json
from conformance.logical_run import AGENT, FLOW, MODEL, MODEL_ASKED, PROVIDER, LogicalRun, ToolRun, Turn, Work
from conformance.written import CLIENT, ERROR, UNSET, Pen, Written, WrittenSpan, exception, work_below

SCOPE = "pydantic-ai"
LOGFIRE_SCOPE = "logfire"
NO_PARENT = "0" * 16


def write(run: LogicalRun) -> Written:
    spans = _spans(
        run, f"invoke_agent {AGENT}", "execute_tool {}", ("gen_ai.tool.call.arguments", "gen_ai.tool.call.result")
    )
    return Written(spans=tuple(_with_pending(spans)))


def write_format_2(run: LogicalRun) -> Written:
    return Written(spans=tuple(_spans(run, "agent run", "running tool", ("tool_arguments", "tool_response"))))


def _with_pending(spans: list[WrittenSpan]) -> Iterator[WrittenSpan]:
    """When a span begins Logfire sends a child of it that says what is known so far."""
    for span in spans:
        known = {
            name: value for name, value in span.attributes.items() if "usage" not in name and "response" not in name
        }
        told = {"logfire.span_type": "pending_span", "logfire.pending_parent_id": span.parent_id or NO_PARENT}
        yield msgspec.structs.replace(span, attributes=span.attributes | {"logfire.span_type": "span"})
        yield msgspec.structs.replace(
            span,
            span_id=f"{int(span.span_id, 16) ^ ord('p'):016x}",
            parent_id=span.span_id,
            end_ns=span.start_ns,
            attributes=known
            | told
            | {"gen_ai.output.messages": None, "gen_ai.tool.call.result": None, "final_result": None},
            status=UNSET,
            message="",
            events=(),
        )


def _spans(run: LogicalRun, agent_name: str, tool_name: str, words: tuple[str, str]) -> list[WrittenSpan]:
    pen = Pen(run, SCOPE)
    usage = run.usage
    agent = _shared(run) | {
        "gen_ai.operation.name": "invoke_agent",
        "model_name": MODEL_ASKED,
        "agent_name": AGENT,
        "final_result": run.answer,
        "logfire.msg": f"{AGENT} run",
        "gen_ai.aggregated_usage.input_tokens": usage.input,
        "gen_ai.aggregated_usage.output_tokens": usage.output,
        "gen_ai.aggregated_usage.cache_read.input_tokens": usage.cache_read,
        "gen_ai.aggregated_usage.cache_creation.input_tokens": usage.cache_write,
    }
    flow = {"logfire.msg_template": FLOW, "logfire.msg": FLOW, "code.function": "main", "code.lineno": 33}
    written = [
        pen.span(run.flow, None, FLOW, flow, scope=LOGFIRE_SCOPE),
        pen.span(run.agent, run.flow, agent_name, agent),
    ]
    for turn in run.turns:
        written.append(_chat(pen, run, turn))
        if turn.tools:
            written.append(pen.span(_around(turn), run.agent, "running 2 tools", {"tools": "search_flights"}))
        written += [
            pen.span(
                tool.work,
                _around(turn),
                tool_name.format(tool.asked.name),
                _tool(run, tool, words),
                status=ERROR if tool.error else UNSET,
                events=exception(tool),
            )
            for tool in turn.tools
        ]
    return written


def _around(turn: Turn) -> Work:
    """The span around the tools of one turn."""
    works = [tool.work for tool in turn.tools]
    return Work(
        span_id=work_below(turn.work, "t").span_id,
        start_ns=min(work.start_ns for work in works),
        end_ns=max(work.end_ns for work in works),
    )


def _shared(run: LogicalRun) -> dict[str, Any]:
    return {"gen_ai.agent.name": AGENT, "gen_ai.agent.call.id": "01a20569", "gen_ai.conversation.id": run.conversation}


def _chat(pen: Pen, run: LogicalRun, turn: Turn) -> WrittenSpan:
    """Cached tokens of zero are left out; arguments of calls are JSON text."""
    usage = turn.usage
    said = output_messages(turn)
    for part in said[0]["parts"]:
        if "arguments" in part:
            part["arguments"] = compact_json(part["arguments"])
    attributes = _shared(run) | {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.system": PROVIDER,
        "gen_ai.request.model": MODEL_ASKED,
        "gen_ai.response.model": MODEL,
        "gen_ai.response.finish_reasons": [told_finish(turn)],
        "gen_ai.input.messages": compact_json(input_messages(run, turn)),
        "gen_ai.output.messages": compact_json(said),
        "gen_ai.usage.input_tokens": usage.input,
        "gen_ai.usage.output_tokens": usage.output,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read or None,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write or None,
        "gen_ai.usage.details.reasoning_tokens": usage.reasoning,
        "operation.cost": 0.000145,
        "logfire.msg": f"chat {MODEL_ASKED}",
    }
    return pen.span(turn.work, run.agent, f"chat {MODEL_ASKED}", attributes, kind=CLIENT)


def _tool(run: LogicalRun, tool: ToolRun, words: tuple[str, str]) -> dict[str, Any]:
    arguments, result = words
    return _shared(run) | {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": tool.asked.name,
        "gen_ai.tool.call.id": tool.asked.call_id,
        arguments: compact_json(tool.asked.arguments),
        result: None if tool.error else compact_json(tool.result),
        "logfire.msg": f"running tool: {tool.asked.name}",
    }
