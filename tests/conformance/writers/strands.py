"""Strands Agents: what was said is in events of the spans, one a message, or in the form of GenAI's details when it is asked to.

Written from strands-agents 1 (`strands.telemetry.tracer`), whose spans of cycles stand around calls of the model and tools.
"""

from collections.abc import Callable
from typing import Any

from conformance.genai_messages import input_messages, output_messages
from conformance.json_texts import compact_json
from conformance.logical_run import AGENT, MODEL, QUESTION, Asked, LogicalRun, ToolRun, Turn, Work
from conformance.written import ERROR, OK, Pen, Written, WrittenEvent, WrittenSpan, event, exception, work_below
from reev_flow.trace.span import TokenUsage

SCOPE = "strands.telemetry.tracer"
DETAILS = "gen_ai.client.inference.operation.details"
Events = tuple[WrittenEvent, ...]


def write(run: LogicalRun) -> Written:
    return _write(run, {"gen_ai.system": "strands-agents"}, (_said, _executed))


def write_details(run: LogicalRun) -> Written:
    """With `gen_ai_latest_experimental` in OTEL_SEMCONV_STABILITY_OPT_IN."""
    return _write(run, {"gen_ai.provider.name": "strands-agents"}, (_said_in_details, _executed_in_details))


def _write(
    run: LogicalRun,
    common: dict[str, Any],
    told: tuple[Callable[[LogicalRun, Turn], Events], Callable[[ToolRun], Events]],
) -> Written:
    said, executed = told
    common = common | {"session.id": run.conversation}
    pen = Pen(run, SCOPE)
    agent = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": AGENT,
        "gen_ai.request.model": MODEL,
        "gen_ai.agent.tools": '["search_flights","convert_currency","book_flight"]',
        **_usage(run.usage),
    }
    written = [
        pen.span(run.agent, None, f"invoke_agent {AGENT}", common | agent, status=OK, events=said(run, run.turns[-1]))
    ]
    for turn in run.turns:
        cycle = _around(turn)
        loop = {"event_loop.cycle_id": turn.work.span_id, "session.id": run.conversation}
        written.append(
            pen.span(cycle, run.agent, "execute_event_loop_cycle", loop, status=OK, events=said(run, turn)[:-1])
        )
        chat = {"gen_ai.operation.name": "chat", "gen_ai.request.model": MODEL, **_usage(turn.usage)}
        written.append(pen.span(turn.work, cycle, "chat", common | chat, status=OK, events=said(run, turn)))
        written += [_tool(pen, tool, cycle, (common, executed(tool))) for tool in turn.tools]
    return Written(spans=tuple(written))


def _around(turn: Turn) -> Work:
    """The cycle: the call of the model and the tools after it."""
    ends = [turn.work.end_ns, *(tool.work.end_ns for tool in turn.tools)]
    return Work(span_id=work_below(turn.work, "c").span_id, start_ns=turn.work.start_ns, end_ns=max(ends))


def _usage(usage: TokenUsage) -> dict[str, Any]:
    return {
        "gen_ai.usage.prompt_tokens": usage.input,
        "gen_ai.usage.input_tokens": usage.input,
        "gen_ai.usage.completion_tokens": usage.output,
        "gen_ai.usage.output_tokens": usage.output,
        "gen_ai.usage.total_tokens": usage.total,
    }


def _tool(pen: Pen, tool: ToolRun, cycle: Work, told: tuple[dict[str, Any], Events]) -> WrittenSpan:
    common, events = told
    attributes = common | {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": tool.asked.name,
        "gen_ai.tool.call.id": tool.asked.call_id,
        "gen_ai.tool.status": "error" if tool.error else "success",
    }
    return pen.span(
        tool.work,
        cycle,
        f"execute_tool {tool.asked.name}",
        attributes,
        status=ERROR if tool.error else OK,
        message=tool.error,
        events=(*events, *exception(tool)),
    )


def _said(run: LogicalRun, turn: Turn) -> Events:
    """Messages are in the blocks of Bedrock's API."""
    blocks = [{"text": turn.answer}] if turn.answer else []
    blocks += [_tool_use(asked) for asked in turn.asked]
    finish = "max_tokens" if turn.is_cut else "tool_use" if turn.asked else "end_turn"
    asked_before = [{"toolUse": _tool_use(asked)["toolUse"]} for earlier in run.turns for asked in earlier.asked]
    earlier = event("gen_ai.assistant.message", turn.work.start_ns, content=compact_json(asked_before))
    return (
        event("gen_ai.user.message", turn.work.start_ns, content=compact_json([{"text": QUESTION}])),
        *((earlier,) if turn is not run.turns[0] else ()),
        event("gen_ai.choice", turn.work.end_ns, finish_reason=finish, message=compact_json(blocks)),
    )


def _tool_use(asked: Asked) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": asked.call_id, "name": asked.name, "input": asked.arguments}}


def _executed(tool: ToolRun) -> Events:
    call_id, content = tool.asked.call_id, compact_json(tool.asked.arguments)
    given = event("gen_ai.tool.message", tool.work.start_ns, role="tool", content=content, id=call_id)
    returned = event("gen_ai.choice", tool.work.end_ns, message=compact_json([{"json": tool.result}]), id=call_id)
    return (given,) if tool.error else (given, returned)


def _said_in_details(run: LogicalRun, turn: Turn) -> Events:
    given, returned = compact_json(input_messages(run, turn)), compact_json(output_messages(turn))
    return (
        event(DETAILS, turn.work.start_ns, **{"gen_ai.input.messages": given}),
        event(DETAILS, turn.work.end_ns, **{"gen_ai.output.messages": returned}),
    )


def _executed_in_details(tool: ToolRun) -> Events:
    call_id, name = tool.asked.call_id, tool.asked.name
    call = {"type": "tool_call", "name": name, "id": call_id, "arguments": tool.asked.arguments}
    response = {"type": "tool_call_response", "id": call_id, "response": [{"json": tool.result}]}
    given = compact_json([{"role": "tool", "parts": [call]}])
    returned = compact_json([{"role": "tool", "parts": [response]}])
    events = (
        event(DETAILS, tool.work.start_ns, **{"gen_ai.input.messages": given}),
        event(DETAILS, tool.work.end_ns, **{"gen_ai.output.messages": returned}),
    )
    return events[:1] if tool.error else events
