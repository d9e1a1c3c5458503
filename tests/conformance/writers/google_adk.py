"""Google's Agent Development Kit: tools are below the call of the model that asked for them, and calls side by side are told of once more.

Written from `google.adk.telemetry.tracing` of google-adk 1. Gemini counts thoughts beside the output, and gives the replies as JSON.
"""

from typing import Any

from conformance.json_texts import compact_json
from conformance.logical_run import AGENT, MODEL, QUESTION, LogicalRun, ToolRun, Turn, Work
from conformance.written import ERROR, Pen, Written, WrittenSpan, exception, work_below

SCOPE = "gcp.vertex.agent"
NOT_SPECIFIED = "<not specified>"


def write(run: LogicalRun) -> Written:
    pen = Pen(run, SCOPE)
    agent = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": AGENT,
        "gen_ai.agent.description": "Plans trips.",
        "gen_ai.conversation.id": run.conversation,
    }
    written = [
        pen.span(run.flow, None, "invocation", {}),
        pen.span(run.agent, run.flow, f"invoke_agent {AGENT}", agent),
    ]
    for turn in run.turns:
        written.append(pen.span(turn.work, run.agent, "call_llm", _model_call(run, turn)))
        written += [_tool(pen, turn.work, tool) for tool in turn.tools]
        if len(turn.tools) > 1:
            written.append(_merged(pen, turn))
    return Written(spans=tuple(written))


def _model_call(run: LogicalRun, turn: Turn) -> dict[str, Any]:
    usage = turn.usage
    said: list[dict[str, Any]] = [{"text": turn.answer}] if turn.answer else []
    said += [
        {"function_call": {"id": asked.call_id, "args": asked.arguments, "name": asked.name}} for asked in turn.asked
    ]
    counts = {
        "cached_content_token_count": usage.cache_read,
        "candidates_token_count": usage.output - usage.reasoning,
        "prompt_token_count": usage.input,
        "thoughts_token_count": usage.reasoning,
        "total_token_count": usage.total,
    }
    response = {
        "content": {"parts": said, "role": "model"},
        "finish_reason": "MAX_TOKENS" if turn.is_cut else "STOP",
        "usage_metadata": counts,
    }
    request = {"model": MODEL, "config": {}, "contents": [{"parts": [{"text": QUESTION}], "role": "user"}]}
    return {
        "gen_ai.system": "gcp.vertex.agent",
        "gen_ai.request.model": MODEL,
        "gcp.vertex.agent.invocation_id": "e-1",
        "gcp.vertex.agent.session_id": run.conversation,
        "gcp.vertex.agent.event_id": turn.work.span_id,
        "gcp.vertex.agent.llm_request": compact_json(request),
        "gcp.vertex.agent.llm_response": compact_json(response),
        "gen_ai.usage.input_tokens": usage.input,
        "gen_ai.usage.output_tokens": usage.output - usage.reasoning,
        "gen_ai.response.finish_reasons": ["max_tokens" if turn.is_cut else "stop"],
    }


def _tool(pen: Pen, model_call: Work, tool: ToolRun) -> WrittenSpan:
    """Of one that raised neither the id nor the result is known."""
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": tool.asked.name,
        "gen_ai.tool.description": "A tool.",
        "gen_ai.tool.type": "FunctionTool",
        "gcp.vertex.agent.llm_request": "{}",
        "gcp.vertex.agent.llm_response": "{}",
        "gcp.vertex.agent.tool_call_args": compact_json(tool.asked.arguments),
        "gen_ai.tool.call.id": NOT_SPECIFIED if tool.error else tool.asked.call_id,
        "gcp.vertex.agent.tool_response": '{"result": "<not specified>"}' if tool.error else compact_json(tool.result),
    }
    return pen.span(
        tool.work,
        model_call,
        f"execute_tool {tool.asked.name}",
        attributes,
        status=ERROR if tool.error else 0,
        message=f"{tool.error_class}: {tool.error}" if tool.error else "",
        events=exception(tool),
    )


def _merged(pen: Pen, turn: Turn) -> WrittenSpan:
    end_ns = max(tool.work.end_ns for tool in turn.tools)
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "(merged tools)",
        "gen_ai.tool.description": "(merged tools)",
        "gen_ai.tool.call.id": f"event-{turn.work.span_id}",
        "gcp.vertex.agent.tool_call_args": "N/A",
        "gcp.vertex.agent.tool_response": compact_json([tool.result for tool in turn.tools]),
        "gcp.vertex.agent.llm_request": "{}",
        "gcp.vertex.agent.llm_response": "{}",
    }
    work = Work(span_id=work_below(turn.work, "m").span_id, start_ns=end_ns, end_ns=end_ns + 1_000)
    return pen.span(work, turn.work, "execute_tool (merged)", attributes)
