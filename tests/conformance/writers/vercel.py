"""The Vercel AI SDK: versions 6 and 4 of `generateText` with tools.

Written from recordings of ai 6.0.324 and 4.3.19.
"""

from collections.abc import Callable
from typing import Any

from conformance.json_texts import compact_json
from conformance.logical_run import AGENT, MODEL, MODEL_ASKED, QUESTION, SYSTEM, LogicalRun, ToolRun, Turn
from conformance.openai_api import messages_before
from conformance.written import ERROR, UNSET, Pen, Written, WrittenSpan, exception
from reev_flow.trace.span import TokenUsage

SCOPE = "ai"
PROVIDER = "openai.chat"
Tokens = Callable[[TokenUsage], dict[str, Any]]


def write(run: LogicalRun) -> Written:
    return _write(run, _tokens, "input")


def write_version_4(run: LogicalRun) -> Written:
    return _write(run, _tokens_of_version_4, "args")


def _write(run: LogicalRun, tokens: Tokens, arguments: str) -> Written:
    """There is no flow: the agent is the root."""
    pen = Pen(run, SCOPE)
    outer = {
        "ai.prompt": compact_json({"system": SYSTEM, "prompt": QUESTION}),
        "ai.response.finishReason": "stop",
        "ai.response.text": run.answer,
        **tokens(run.usage),
    }
    written = [pen.span(run.agent, None, "ai.generateText", _operation(run, "ai.generateText") | outer)]
    for turn in run.turns:
        name = "ai.generateText.doGenerate"
        attributes = _operation(run, name) | _model_call(run, turn, arguments) | tokens(turn.usage)
        written.append(pen.span(turn.work, run.agent, name, attributes))
        written += [_tool(pen, run, tool) for tool in turn.tools]
    return Written(spans=tuple(written))


def _operation(run: LogicalRun, operation: str) -> dict[str, Any]:
    return {
        "operation.name": f"{operation} {AGENT}",
        "resource.name": AGENT,
        "ai.operationId": operation,
        "ai.telemetry.functionId": AGENT,
        "ai.telemetry.metadata.sessionId": run.conversation,
        "ai.model.provider": PROVIDER,
        "ai.model.id": MODEL_ASKED,
        "ai.settings.maxRetries": 0,
    }


def _tokens(usage: TokenUsage) -> dict[str, Any]:
    return {
        "ai.usage.inputTokens": usage.input,
        "ai.usage.inputTokenDetails.noCacheTokens": usage.input - usage.cache_read - usage.cache_write,
        "ai.usage.inputTokenDetails.cacheReadTokens": usage.cache_read,
        "ai.usage.inputTokenDetails.cacheWriteTokens": usage.cache_write,
        "ai.usage.outputTokens": usage.output,
        "ai.usage.outputTokenDetails.textTokens": usage.output - usage.reasoning,
        "ai.usage.outputTokenDetails.reasoningTokens": usage.reasoning,
        "ai.usage.totalTokens": usage.total,
        "ai.usage.reasoningTokens": usage.reasoning,
        "ai.usage.cachedInputTokens": usage.cache_read,
        "ai.response.providerMetadata": '{"openai":{}}',
    }


def _tokens_of_version_4(usage: TokenUsage) -> dict[str, Any]:
    metadata = {"openai": {"reasoningTokens": usage.reasoning, "cachedPromptTokens": usage.cache_read}}
    return {
        "ai.usage.promptTokens": usage.input,
        "ai.usage.completionTokens": usage.output,
        "ai.response.providerMetadata": compact_json(metadata),
    }


def _model_call(run: LogicalRun, turn: Turn, arguments: str) -> dict[str, Any]:
    calls = [
        {"toolCallId": asked.call_id, "toolName": asked.name, arguments: compact_json(asked.arguments)}
        for asked in turn.asked
    ]
    finish = "length" if turn.is_cut else "tool-calls" if turn.asked else "stop"
    return {
        "ai.prompt.messages": compact_json(messages_before(run, turn)),
        "ai.prompt.tools": ['{"type":"function","name":"search_flights"}'],
        "ai.response.finishReason": finish,
        "ai.response.text": turn.answer or None,
        "ai.response.toolCalls": compact_json(calls) if calls else None,
        "ai.response.model": MODEL,
        "gen_ai.system": PROVIDER,
        "gen_ai.request.model": MODEL_ASKED,
        "gen_ai.response.finish_reasons": [finish],
        "gen_ai.response.model": MODEL,
        "gen_ai.usage.input_tokens": turn.usage.input,
        "gen_ai.usage.output_tokens": turn.usage.output,
    }


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun) -> WrittenSpan:
    attributes = _operation(run, "ai.toolCall") | {
        "ai.model.provider": None,
        "ai.model.id": None,
        "ai.settings.maxRetries": None,
        "ai.toolCall.name": tool.asked.name,
        "ai.toolCall.id": tool.asked.call_id,
        "ai.toolCall.args": compact_json(tool.asked.arguments),
        "ai.toolCall.result": None if tool.error else compact_json(tool.result),
    }
    status = ERROR if tool.error else UNSET
    return pen.span(
        tool.work, run.agent, "ai.toolCall", attributes, status=status, message=tool.error, events=exception(tool)
    )
