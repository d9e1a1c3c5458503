"""LangSmith's client, exporting the runs of a LangGraph agent to OpenTelemetry.

Written from recordings of langsmith 0.15.0. A tool that failed is OK and has the exception as an event.
"""

from typing import Any

from conformance.json_texts import compact_json
from conformance.langchain_messages import (
    ai_message,
    constructed,
    human_message,
    messages_before,
    tool_message,
    usage_metadata,
)
from conformance.logical_run import AGENT, FLOW, MODEL, MODEL_ASKED, LogicalRun, ToolRun, Turn
from conformance.openai_api import finish_reason
from conformance.written import OK, Pen, Written, WrittenEvent, WrittenSpan

SCOPE = "langsmith"


def write(run: LogicalRun) -> Written:
    """Agents are chains like everything else."""
    pen = Pen(run, SCOPE)
    given = {"messages": [human_message()]}
    returned = {"messages": [human_message(), *(ai_message(turn) for turn in run.turns)]}
    written = [
        pen.span(run.flow, None, FLOW, _run(run, "chain", FLOW, (given, returned)), status=OK),
        pen.span(run.agent, run.flow, AGENT, _run(run, "chain", AGENT, (given, returned)), status=OK),
    ]
    for turn in run.turns:
        written.append(pen.span(turn.work, run.agent, "ChatOpenAI", _model_call(run, turn), status=OK))
        written += [_tool(pen, run, tool) for tool in turn.tools]
    return Written(spans=tuple(written))


OPERATIONS = {"chain": "chain", "llm": "chat", "tool": "execute_tool"}


def _run(run: LogicalRun, kind: str, name: str, passed: tuple[Any, Any]) -> dict[str, Any]:
    given, returned = passed
    return {
        "gen_ai.operation.name": OPERATIONS[kind],
        "langsmith.span.kind": kind,
        "langsmith.trace.name": name,
        "langsmith.trace.session_name": "trips",
        "gen_ai.system": "langchain",
        "langsmith.metadata.session_id": run.conversation,
        "langsmith.metadata.langgraph_step": 1,
        "langsmith.span.tags": "graph:step:1",
        "gen_ai.prompt": compact_json(given),
        "gen_ai.completion": compact_json(returned),
    }


def _model_call(run: LogicalRun, turn: Turn) -> dict[str, Any]:
    generation = {
        "text": turn.answer,
        "generation_info": {"finish_reason": finish_reason(turn), "logprobs": None},
        "type": "ChatGeneration",
        "message": constructed("AIMessage", ai_message(turn)),
    }
    returned = {"generations": [[generation]], "llm_output": {"model_name": MODEL}, "run": None, "type": "LLMResult"}
    given = {"messages": [[constructed("HumanMessage", message) for message in messages_before(run, turn)]]}
    return _run(run, "llm", "ChatOpenAI", (given, returned)) | {
        "gen_ai.system": "openai",
        "gen_ai.request.model": MODEL_ASKED,
        "langsmith.metadata.ls_provider": "openai",
        "langsmith.metadata.ls_model_name": MODEL_ASKED,
        "langsmith.metadata.usage_metadata": compact_json(usage_metadata(turn.usage)),
        "gen_ai.usage.input_tokens": turn.usage.input,
        "gen_ai.usage.output_tokens": turn.usage.output,
        "gen_ai.usage.total_tokens": turn.usage.total,
    }


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun) -> WrittenSpan:
    returned = {} if tool.error else {"output": tool_message(tool)}
    attributes = _run(run, "tool", tool.asked.name, (tool.asked.arguments, returned)) | {
        "gen_ai.tool.name": tool.asked.name,
        "gen_ai.tool.call.id": tool.asked.call_id,
    }
    events = (_raised(tool),) if tool.error else ()
    return pen.span(tool.work, run.agent, tool.asked.name, attributes, status=OK, events=events)


def _raised(tool: ToolRun) -> WrittenEvent:
    message = f'{tool.error_class}({tool.error!r})Traceback (most recent call last):\n\n\n  File "trip.py", line 7'
    told = {"exception.type": "Exception", "exception.message": message, "exception.escaped": "False"}
    return WrittenEvent(name="exception", time_ns=tool.work.end_ns, attributes=told)
