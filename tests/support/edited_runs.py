"""Random runs beside edits of them: steps left out, doubled, renamed, moved in time, failed, or asked otherwise."""

import msgspec
from hypothesis import strategies as st

from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import Flag, Operation, Span, Status, TokenUsage, ToolUse
from reev_flow.trace.trace import Trace

NAMES = ("search", "fetch", "write")
OPERATIONS = (Operation.AGENT, Operation.LLM, Operation.TOOL, Operation.STEP, Operation.OTHER)


@st.composite
def edited_runs(draw: st.DrawFn) -> tuple[Trace, Trace]:
    """A run of which few names and moments make ties common, and another that was made from it."""
    spans = [_span(draw, number) for number in range(draw(st.integers(1, 14)))]
    edited = [one for span in spans for one in _edited(draw, span)] or spans[:1]
    return assemble_one(spans), assemble_one([msgspec.structs.replace(span, trace_id="u") for span in edited])


def _span(draw: st.DrawFn, number: int) -> Span:
    operation = draw(st.sampled_from(OPERATIONS))
    name = draw(st.sampled_from(NAMES))
    start = draw(st.integers(0, 24))
    return Span(
        trace_id="t",
        span_id=str(number),
        parent_id=draw(st.sampled_from([None, "missing", *(str(earlier) for earlier in range(number))])),
        name=name,
        start_ns=start,
        end_ns=start + draw(st.integers(0, 10)),
        operation=operation,
        status=draw(st.sampled_from([Status.UNSET, Status.UNSET, Status.ERROR])),
        tool=ToolUse(name=name) if operation is Operation.TOOL else None,
        usage=draw(st.none() | st.builds(TokenUsage, input=st.integers(0, 9), output=st.integers(0, 9))),
        input={"q": draw(st.integers(0, 2))},
        output=draw(st.sampled_from(["cold", "warm"])),
        flags=frozenset({Flag.UNFINISHED} if draw(st.integers(0, 9)) == 0 else ()),
    )


def _edited(draw: st.DrawFn, span: Span) -> list[Span]:
    start = draw(st.integers(0, 24))
    edits: dict[str, list[dict[str, object]]] = {
        "same": [{}],
        "left out": [],
        "twice": [{}, {"span_id": f"{span.span_id} again"}],
        "renamed": [{"name": "other", "tool": ToolUse(name="other") if span.tool else None}],
        "moved": [{"start_ns": start, "end_ns": start + span.duration_ns}],
        "asked": [{"input": {"q": 9}}],
        "failed": [{"status": Status.ERROR, "status_message": "503 unavailable"}],
    }
    chosen = draw(st.sampled_from(["same", "same", *edits]))
    return [msgspec.structs.replace(span, **changes) for changes in edits[chosen]]
