"""AGNTCY's observe SDK: its decorators around an OpenAI client that OpenLLMetry instruments.

Written from recordings of ioa-observe-sdk 1.1.0.
"""

from typing import Any

from conformance.json_texts import python_json
from conformance.logical_run import AGENT, FLOW, QUESTION, LogicalRun, ToolRun
from conformance.writers.openllmetry import MODEL_SCOPE, model_call
from conformance.written import CLIENT, ERROR, UNSET, Pen, Written, WrittenSpan, event, exception, work_below

SCOPE = "ioa.observe.tracer"
SDK_SCOPE = "ioa_observe.sdk.decorators.base"


def write(run: LogicalRun) -> Written:
    pen = Pen(run, SCOPE)
    started = event("agent_start_event", run.agent.start_ns, agent_name=AGENT, type="agent")
    written = [
        pen.span(run.flow, None, f"{FLOW}.workflow", _entity(run, "workflow", FLOW)),
        pen.span(run.agent, run.flow, f"{AGENT}.agent", _entity(run, "agent", AGENT), events=(started,)),
        pen.span(
            work_below(run.agent, "s"), run.agent, "agent_start_event", _shared(run), events=(started,), scope=SDK_SCOPE
        ),
    ]
    for turn in run.turns:
        attributes = _shared(run) | model_call(run, turn)
        written.append(pen.span(turn.work, run.agent, "openai.chat", attributes, kind=CLIENT, scope=MODEL_SCOPE))
        written += [_tool(pen, run, tool) for tool in turn.tools]
    return Written(spans=tuple(written))


def _shared(run: LogicalRun) -> dict[str, Any]:
    return {
        "ioa_observe.workflow.name": FLOW,
        "session.id": run.conversation,
        "agent_id": AGENT,
        "ioa_observe.agent.span_id": run.agent.span_id,
        "ioa_start_time": 1767225600.5,
    }


def _entity(run: LogicalRun, kind: str, name: str) -> dict[str, Any]:
    return _shared(run) | {
        "ioa_observe.span.kind": kind,
        "ioa_observe.entity.name": name,
        "ioa_observe.entity.input": python_json({"args": [QUESTION], "kwargs": {}}),
        "ioa_observe.entity.output": python_json(run.answer),
        "execution.success": True,
    }


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun) -> WrittenSpan:
    attributes = _shared(run) | {
        "ioa_observe.span.kind": "tool",
        "ioa_observe.entity.name": tool.asked.name,
        "ioa_observe.entity.input": python_json({"args": [], "kwargs": tool.asked.arguments}),
        "ioa_observe.entity.output": None if tool.error else python_json(python_json(tool.result)),
        "execution.success": None if tool.error else True,
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
