"""OpenTelemetry's GenAI conventions as they are now, with structured attributes and with the same as JSON text.

Written from the span and attribute tables of semantic-conventions-genai.
"""

from collections.abc import Callable
from typing import Any

from conformance.genai_messages import input_messages, output_messages, told_finish
from conformance.json_texts import python_json
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
from conformance.written import CLIENT, ERROR, UNSET, Pen, Written, WrittenSpan, work_below

SCOPE = "opentelemetry.util.genai.handler"
Encode = Callable[[Any], Any]


def write(run: LogicalRun) -> Written:
    return Written(spans=spans(run, python_json))


def write_structured(run: LogicalRun) -> Written:
    return Written(spans=spans(run, lambda value: value))


def spans(run: LogicalRun, encode: Encode, *, with_content: bool = True) -> tuple[WrittenSpan, ...]:
    """Without content, what was said to and by the model is left out."""
    pen = Pen(run, SCOPE)
    said = {
        "gen_ai.input.messages": encode([{"role": "user", "parts": [{"type": "text", "content": QUESTION}]}]),
        "gen_ai.output.messages": encode(output_messages(run.turns[-1])),
    }
    flow = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": FLOW,
        "gen_ai.conversation.id": run.conversation,
    }
    agent = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": AGENT,
        "gen_ai.conversation.id": run.conversation,
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.request.model": MODEL_ASKED,
    }
    content = said if with_content else {}
    written = [
        pen.span(run.flow, None, f"invoke_workflow {FLOW}", flow | content),
        pen.span(run.agent, run.flow, f"invoke_agent {AGENT}", agent | content),
    ]
    for turn in run.turns:
        written.append(_chat(pen, run, turn, encode, with_content=with_content))
        written.append(_request(pen, turn))
        written += [_tool(pen, run, tool, encode) for tool in turn.tools]
    return tuple(written)


def _chat(pen: Pen, run: LogicalRun, turn: Turn, encode: Encode, *, with_content: bool) -> WrittenSpan:
    usage = turn.usage
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.conversation.id": run.conversation,
        "gen_ai.request.model": MODEL_ASKED,
        "gen_ai.response.model": MODEL,
        "gen_ai.response.id": f"chatcmpl-{turn.work.span_id}",
        "gen_ai.response.finish_reasons": [told_finish(turn)],
        "gen_ai.usage.input_tokens": usage.input,
        "gen_ai.usage.output_tokens": usage.output,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning,
        "server.address": "api.openai.com",
        "server.port": 443,
    }
    if with_content:
        attributes["gen_ai.input.messages"] = encode(input_messages(run, turn))
        attributes["gen_ai.output.messages"] = encode(output_messages(turn))
    return pen.span(turn.work, run.agent, f"chat {MODEL_ASKED}", attributes, kind=CLIENT)


def _request(pen: Pen, turn: Turn) -> WrittenSpan:
    attributes = {"http.request.method": "POST", "url.full": "https://api.openai.com/v1/chat/completions"}
    scope = "opentelemetry.instrumentation.httpx"
    return pen.span(work_below(turn.work, "h"), turn.work, "POST", attributes, kind=CLIENT, scope=scope)


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun, encode: Encode) -> WrittenSpan:
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": tool.asked.name,
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": tool.asked.call_id,
        "gen_ai.tool.call.arguments": encode(tool.asked.arguments),
        "gen_ai.tool.call.result": None if tool.error else encode(tool.result),
        "error.type": tool.error_class if tool.error else None,
    }
    return pen.span(
        tool.work,
        run.agent,
        f"execute_tool {tool.asked.name}",
        attributes,
        status=ERROR if tool.error else UNSET,
        message=tool.error,
    )
