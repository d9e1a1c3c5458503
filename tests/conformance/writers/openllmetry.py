"""OpenLLMetry: the decorators of traceloop-sdk around an instrumented OpenAI client, as of 0.62 and as of 0.40.

Written from opentelemetry-semantic-conventions-ai and recordings of 0.62.4. Until 0.4x messages were flattened into attributes.
"""

from collections.abc import Callable
from typing import Any

from conformance.genai_messages import input_messages, output_messages, told_finish
from conformance.json_texts import python_json
from conformance.logical_run import AGENT, FLOW, MODEL, MODEL_ASKED, PROVIDER, QUESTION, LogicalRun, ToolRun, Turn
from conformance.openai_api import finish_reason, messages_before, reply
from conformance.written import CLIENT, ERROR, UNSET, Pen, Written, WrittenSpan, exception

SCOPE = "traceloop.tracer"
MODEL_SCOPE = "opentelemetry.instrumentation.openai.v1"
ModelCall = Callable[[LogicalRun, Turn], dict[str, Any]]


def write(run: LogicalRun) -> Written:
    return _write(run, model_call)


def write_older(run: LogicalRun) -> Written:
    return _write(run, _older_model_call)


def _write(run: LogicalRun, model_call_of: ModelCall) -> Written:
    pen = Pen(run, SCOPE)
    written = [
        pen.span(run.flow, None, f"{FLOW}.workflow", _entity(run, "workflow", FLOW, run.answer)),
        pen.span(run.agent, run.flow, f"{AGENT}.agent", _entity(run, "agent", AGENT, run.answer)),
    ]
    for turn in run.turns:
        attributes = _shared(run) | model_call_of(run, turn)
        written.append(pen.span(turn.work, run.agent, "openai.chat", attributes, kind=CLIENT, scope=MODEL_SCOPE))
        written += [_tool(pen, run, tool) for tool in turn.tools]
    return Written(spans=tuple(written))


def _shared(run: LogicalRun) -> dict[str, Any]:
    return {
        "traceloop.workflow.name": FLOW,
        "traceloop.association.properties.session_id": run.conversation,
        "traceloop.association.properties.user_id": "traveller-1",
    }


def _entity(run: LogicalRun, kind: str, name: str, returned: Any) -> dict[str, Any]:
    return _shared(run) | {
        "traceloop.span.kind": kind,
        "traceloop.entity.name": name,
        "traceloop.entity.input": python_json({"args": [QUESTION], "kwargs": {}}),
        "traceloop.entity.output": python_json(returned),
    }


def model_call(run: LogicalRun, turn: Turn) -> dict[str, Any]:
    usage = turn.usage
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.request.model": MODEL_ASKED,
        "gen_ai.response.model": MODEL,
        "gen_ai.is_streaming": False,
        "gen_ai.response.finish_reasons": [told_finish(turn)],
        "gen_ai.usage.input_tokens": usage.input,
        "gen_ai.usage.output_tokens": usage.output,
        "gen_ai.usage.total_tokens": usage.total,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write,
        "gen_ai.usage.reasoning_tokens": usage.reasoning,
        "gen_ai.input.messages": python_json(input_messages(run, turn)),
        "gen_ai.output.messages": python_json(output_messages(turn)),
    }


def _older_model_call(run: LogicalRun, turn: Turn) -> dict[str, Any]:
    usage = turn.usage
    completion = _flattened("gen_ai.completion", [reply(turn)])
    return {
        "llm.request.type": "chat",
        "gen_ai.system": "OpenAI",
        "gen_ai.request.model": MODEL_ASKED,
        "gen_ai.response.model": MODEL,
        "gen_ai.usage.prompt_tokens": usage.input,
        "gen_ai.usage.completion_tokens": usage.output,
        "llm.usage.total_tokens": usage.total,
        "gen_ai.usage.cache_read_input_tokens": usage.cache_read,
        "gen_ai.usage.cache_creation_input_tokens": usage.cache_write,
        "gen_ai.usage.reasoning_tokens": usage.reasoning,
        "gen_ai.completion.0.finish_reason": finish_reason(turn),
        **_flattened("gen_ai.prompt", messages_before(run, turn)),
        **completion,
    }


def _flattened(prefix: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for number, message in enumerate(messages):
        start = f"{prefix}.{number}"
        told[f"{start}.role"] = message["role"]
        told[f"{start}.content"] = message["content"]
        told[f"{start}.tool_call_id"] = message.get("tool_call_id")
        for position, call in enumerate(message.get("tool_calls", ())):
            inner = f"{start}.tool_calls.{position}"
            told[f"{inner}.id"] = call["id"]
            told[f"{inner}.name"] = call["function"]["name"]
            told[f"{inner}.arguments"] = call["function"]["arguments"]
    return told


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun) -> WrittenSpan:
    attributes = _shared(run) | {
        "traceloop.span.kind": "tool",
        "traceloop.entity.name": tool.asked.name,
        "traceloop.entity.input": python_json({"args": [], "kwargs": tool.asked.arguments}),
        "traceloop.entity.output": None if tool.error else python_json(python_json(tool.result)),
    }
    return pen.span(
        tool.work,
        run.agent,
        f"{tool.asked.name}.tool",
        attributes,
        status=ERROR if tool.error else UNSET,
        message=tool.error,
        events=exception(tool),
    )
