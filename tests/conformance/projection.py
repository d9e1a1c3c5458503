"""What has to be equal whoever wrote a run down: described in docs/explanation/same-run-same-answer.md."""

from hashlib import sha256
from typing import Any

from conformance.logical_run import AGENT, FLOW, MODEL, LogicalRun, ToolRun, Turn, Work
from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.calls.tool_calls import AskedCall, ToolCall
from reev_flow.analysis.evidence.final_answer import final_answer
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import Operation, Span, TokenUsage, Value
from reev_flow.trace.trace import NO_PARENT, Trace

Projection = dict[str, Any]
CONTAINERS = (Operation.FLOW, Operation.AGENT)


def digest(projection: Projection) -> str:
    return sha256(canonical(projection)).hexdigest()[:16]


def project(trace: Trace) -> Projection:
    """Steps and plumbing are left out: what is below them counts as below what is around them."""
    facts = RunFacts(trace)
    calls = {call.positions[0]: _model_call(call, facts.asked_calls) for call in facts.model_calls}
    calls |= {call.position: _tool_call(call) for call in facts.tool_calls}
    operations: list[Projection] = []
    depth_below: list[int] = []
    for position, (span, parent) in enumerate(zip(trace.spans, trace.parents, strict=True)):
        depth = 0 if parent == NO_PARENT else depth_below[parent]
        told = calls.get(position) or _container_of(span)
        if told is not None:
            operations.append({"depth": depth, **told, **_times(span.start_ns, span.end_ns)})
        depth_below.append(depth + (told is not None))
    return {
        "conversations": sorted({span.conversation_id for span in trace.spans if span.conversation_id}),
        "tokens": tokens(facts.usage.total),
        "answer": final_answer(facts),
        "operations": operations,
    }


def project_as_it_happened(run: LogicalRun) -> Projection:
    """The same, without any spans."""
    operations = [
        {"depth": 0, **_container("flow", FLOW, is_failed=False), **_times_of(run.flow)},
        {"depth": 1, **_container("agent", AGENT, is_failed=False), **_times_of(run.agent)},
    ]
    for turn in run.turns:
        operations.append({"depth": 2, **_turn(turn), **_times_of(turn.work)})
        tools = sorted(turn.tools, key=lambda tool: tool.work.start_ns)
        operations += [{"depth": 2, **_tool_run(tool), **_times_of(tool.work)} for tool in tools]
    return {
        "conversations": [run.conversation],
        "tokens": tokens(run.usage),
        "answer": run.answer,
        "operations": operations,
    }


def tokens(usage: TokenUsage) -> dict[str, int]:
    return {name: getattr(usage, name) for name in usage.__struct_fields__}


def _container_of(span: Span) -> Projection | None:
    return _container(span.operation, span.label, is_failed=span.failed) if span.operation in CONTAINERS else None


def _container(operation: str, name: str, *, is_failed: bool) -> Projection:
    return {"operation": str(operation), "name": name, "failed": is_failed}


def _model_call(call: ModelCall, asked_calls: tuple[AskedCall, ...]) -> Projection:
    asked = [one for one in asked_calls if one.asked_by == call.span_id]
    return {
        **_container("llm", call.model, is_failed=call.failed),
        "tokens": tokens(call.usage or TokenUsage()),
        "answer": call.answer or "",
        "asked": [_asked(one.name, one.call_id, one.arguments, was_run=one.executed_by is not None) for one in asked],
    }


def _turn(turn: Turn) -> Projection:
    run = {tool.asked.call_id for tool in turn.tools}
    return {
        **_container("llm", MODEL, is_failed=False),
        "tokens": tokens(turn.usage),
        "answer": turn.answer,
        "asked": [_asked(one.name, one.call_id, one.arguments, was_run=one.call_id in run) for one in turn.asked],
    }


def _asked(name: str, call_id: str | None, arguments: Value, *, was_run: bool) -> Projection:
    return {"name": name, "call_id": call_id, "arguments": arguments, "was_run": was_run}


def _tool_call(call: ToolCall) -> Projection:
    told = {"call_id": call.call_id, "arguments": call.arguments, "result": call.result}
    return _container("tool", call.name, is_failed=call.failed) | told


def _tool_run(tool: ToolRun) -> Projection:
    told = {"call_id": tool.asked.call_id, "arguments": tool.asked.arguments, "result": tool.result}
    return _container("tool", tool.asked.name, is_failed=bool(tool.error)) | told


def _times_of(work: Work) -> Projection:
    return _times(work.start_ns, work.end_ns)


def _times(start_ns: int, end_ns: int) -> Projection:
    return {"start_ns": start_ns, "end_ns": end_ns}
