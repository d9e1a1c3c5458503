"""smolagents, traced by OpenInference: steps around model calls and tools.

Written from recordings of smolagents 1.26.0 and openinference-instrumentation-smolagents 0.1.43. Spans of tools are named after their
class, of the tokens only the totals are told, and the model is the one that was asked for.
"""

from typing import Any

from conformance.json_texts import python_json
from conformance.logical_run import AGENT, MODEL_ASKED, PROVIDER, QUESTION, LogicalRun, ToolRun, Turn
from conformance.openai_api import messages_before, reply
from conformance.writers.openinference import flattened
from conformance.written import ERROR, OK, Pen, Written, WrittenSpan, exception, work_below

SCOPE = "openinference.instrumentation.smolagents"


def write(run: LogicalRun) -> Written:
    pen = Pen(run, SCOPE)
    agent = {
        "openinference.span.kind": "AGENT",
        "session.id": run.conversation,
        "smolagents.task": QUESTION,
        "smolagents.max_steps": 20,
        "smolagents.tools_names": ["search_flights", "convert_currency", "book_flight"],
        "input.value": python_json({"task": QUESTION, "stream": False}),
        "output.value": run.answer,
        "llm.token_count.prompt": run.usage.input,
        "llm.token_count.completion": run.usage.output,
        "llm.token_count.total": run.usage.total,
    }
    written = [pen.span(run.agent, None, f"{AGENT}.run", agent, status=OK)]
    for number, turn in enumerate(run.turns, start=1):
        step = work_below(turn.work, "s")
        ends = [turn.work.end_ns, *(tool.work.end_ns for tool in turn.tools)]
        told = {"openinference.span.kind": "CHAIN", "session.id": run.conversation, "output.value": turn.answer}
        written.append(pen.span(step, run.agent, f"Step {number}", told, status=OK, end_ns=max(ends)))
        written.append(pen.span(turn.work, step, "OpenAIModel.generate", _model_call(run, turn), status=OK))
        written += [_tool(pen, run, tool, step.span_id) for tool in turn.tools]
    return Written(spans=tuple(written))


def _model_call(run: LogicalRun, turn: Turn) -> dict[str, Any]:
    sent = messages_before(run, turn)
    return {
        "openinference.span.kind": "LLM",
        "session.id": run.conversation,
        "llm.system": PROVIDER,
        "llm.provider": PROVIDER,
        "llm.model_name": MODEL_ASKED,
        "llm.invocation_parameters": "{}",
        "llm.token_count.prompt": turn.usage.input,
        "llm.token_count.completion": turn.usage.output,
        "llm.token_count.total": turn.usage.total,
        "input.value": python_json({"messages": [repr(message) for message in sent]}),
        "output.value": python_json(reply(turn)),
        **flattened("llm.input_messages", sent),
        **flattened("llm.output_messages", [reply(turn)]),
    }


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun, step_id: str) -> WrittenSpan:
    attributes = {
        "openinference.span.kind": "TOOL",
        "session.id": run.conversation,
        "tool.name": tool.asked.name,
        "tool.parameters": python_json({"to": {"type": "string"}}),
        "input.value": python_json({"args": [], "sanitize_inputs_outputs": True, "kwargs": tool.asked.arguments}),
        "output.value": None if tool.error else python_json(tool.result),
    }
    status, message = (ERROR, f"{tool.error_class}: {tool.error}") if tool.error else (OK, "")
    return pen.span(
        tool.work,
        None,
        "SimpleTool",
        attributes,
        parent_id=step_id,
        status=status,
        message=message,
        events=exception(tool),
    )
