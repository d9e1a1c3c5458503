"""OpenTelemetry's GenAI conventions 1.28 to 1.36, in which what was said are events, each a message.

The conventions make them log records; several instrumentations (Azure's among them) put the same as events on the span, the body
as JSON in `gen_ai.event.content`. Tool spans existed, their arguments and results had no attributes yet.
"""

from typing import Any

import msgspec

from conformance.json_texts import python_json
from conformance.logical_run import AGENT, FLOW, MODEL, MODEL_ASKED, PROVIDER, LogicalRun, ToolRun, Turn
from conformance.openai_api import finish_reason, messages_before, reply
from conformance.written import CLIENT, ERROR, UNSET, Pen, Written, WrittenEvent, WrittenLog, WrittenSpan

SCOPE = "opentelemetry.instrumentation.openai_v2"


def write(run: LogicalRun) -> Written:
    events = {turn.work.span_id: _events(run, turn) for turn in run.turns}
    spans = tuple(msgspec.structs.replace(span, events=events.get(span.span_id, ())) for span in _spans(run))
    return Written(spans=spans)


def write_logs(run: LogicalRun) -> Written:
    logs = [
        WrittenLog(
            trace_id=run.trace_id,
            span_id=turn.work.span_id,
            time_ns=turn.work.end_ns,
            event=name,
            scope=SCOPE,
            attributes={"gen_ai.system": PROVIDER, "event.name": name},
            body=body,
        )
        for turn in run.turns
        for name, body in _bodies(run, turn)
    ]
    return Written(spans=tuple(_spans(run)), logs=tuple(logs))


def _bodies(run: LogicalRun, turn: Turn) -> list[tuple[str, dict[str, Any]]]:
    said = [(f"gen_ai.{message['role']}.message", _body(message)) for message in messages_before(run, turn)]
    choice = {"index": 0, "finish_reason": finish_reason(turn), "message": _body(reply(turn))}
    return [*said, ("gen_ai.choice", choice)]


def _body(message: dict[str, Any]) -> dict[str, Any]:
    """The role is in the name of the event, and a tool's message has the `id` of its call."""
    body = {key: value for key, value in message.items() if key not in {"role", "tool_call_id"} and value is not None}
    return body | ({"id": message["tool_call_id"]} if "tool_call_id" in message else {})


def _events(run: LogicalRun, turn: Turn) -> tuple[WrittenEvent, ...]:
    return tuple(
        WrittenEvent(
            name=name,
            time_ns=turn.work.end_ns if name == "gen_ai.choice" else turn.work.start_ns,
            attributes={"gen_ai.system": PROVIDER, "gen_ai.event.content": python_json(body)},
        )
        for name, body in _bodies(run, turn)
    )


def _spans(run: LogicalRun) -> list[WrittenSpan]:
    pen = Pen(run, SCOPE)
    flow = {"gen_ai.operation.name": "invoke_workflow", "gen_ai.system": PROVIDER, "gen_ai.workflow.name": FLOW}
    agent = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.system": PROVIDER,
        "gen_ai.agent.name": AGENT,
        "gen_ai.conversation.id": run.conversation,
    }
    written = [
        pen.span(run.flow, None, f"invoke_workflow {FLOW}", flow),
        pen.span(run.agent, run.flow, f"invoke_agent {AGENT}", agent),
    ]
    for turn in run.turns:
        written.append(_chat(pen, run, turn))
        written += [_tool(pen, run, tool) for tool in turn.tools]
    return written


def _chat(pen: Pen, run: LogicalRun, turn: Turn) -> WrittenSpan:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": PROVIDER,
        "gen_ai.request.model": MODEL_ASKED,
        "gen_ai.response.model": MODEL,
        "gen_ai.response.finish_reasons": [finish_reason(turn)],
        "gen_ai.usage.input_tokens": turn.usage.input,
        "gen_ai.usage.output_tokens": turn.usage.output,
    }
    return pen.span(turn.work, run.agent, f"chat {MODEL_ASKED}", attributes, kind=CLIENT)


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun) -> WrittenSpan:
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.system": PROVIDER,
        "gen_ai.tool.name": tool.asked.name,
        "gen_ai.tool.call.id": tool.asked.call_id,
        "error.type": tool.error_class if tool.error else None,
    }
    status = ERROR if tool.error else UNSET
    name = f"execute_tool {tool.asked.name}"
    return pen.span(tool.work, run.agent, name, attributes, status=status, message=tool.error)
