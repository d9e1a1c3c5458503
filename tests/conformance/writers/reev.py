"""reev-flow's own words, as `session.tracer` writes them."""

from typing import Any

from conformance.genai_messages import output_messages
from conformance.json_texts import compact_json
from conformance.logical_run import AGENT, FLOW, MODEL, PROVIDER, QUESTION, LogicalRun, ToolRun, Turn
from conformance.openai_api import messages_before
from conformance.written import CLIENT, ERROR, UNSET, Pen, Written, WrittenSpan, exception

SCOPE = "reev_flow"


def write(run: LogicalRun) -> Written:
    pen = Pen(run, SCOPE)
    said = {"reev.input": QUESTION, "reev.output": run.answer, "reev.conversation.id": run.conversation}
    flow = {"reev.operation": "flow", "gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": FLOW} | said
    agent = {"reev.operation": "agent", "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": AGENT} | said
    written = [
        pen.span(run.flow, None, f"invoke_workflow {FLOW}", flow),
        pen.span(run.agent, run.flow, f"invoke_agent {AGENT}", agent),
    ]
    for turn in run.turns:
        written.append(pen.span(turn.work, run.agent, f"chat {MODEL}", _model_call(run, turn), kind=CLIENT))
        written += [_tool(pen, run, tool) for tool in turn.tools]
    return Written(spans=tuple(written))


def _model_call(run: LogicalRun, turn: Turn) -> dict[str, Any]:
    usage = turn.usage
    return {
        "reev.operation": "llm",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.request.model": MODEL,
        "gen_ai.usage.input_tokens": usage.input,
        "gen_ai.usage.output_tokens": usage.output,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning,
        "gen_ai.input.messages": compact_json(messages_before(run, turn)),
        "gen_ai.output.messages": compact_json(output_messages(turn)),
    }


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun) -> WrittenSpan:
    attributes = {
        "reev.operation": "tool",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": tool.asked.name,
        "gen_ai.tool.call.id": tool.asked.call_id,
        "gen_ai.tool.call.arguments": compact_json(tool.asked.arguments),
        "gen_ai.tool.call.result": None if tool.error else compact_json(tool.result),
        "error.type": tool.error_class if tool.error else None,
    }
    return pen.span(
        tool.work,
        run.agent,
        f"execute_tool {tool.asked.name}",
        attributes,
        status=ERROR if tool.error else UNSET,
        message=f"{tool.error_class}: {tool.error}" if tool.error else "",
        events=exception(tool),
    )
