"""A run as text, for people who want to see why a finding is missing or false."""

import json

from reev_flow.trace.span import Operation, Span, Value
from reev_flow.trace.trace import NO_PARENT, Trace

COLUMNS = 40
LONGEST = 60


def drawn(trace: Trace, marks: dict[str, str]) -> str:
    """A line a span: its mark, its bar, what it is and what it told. `marks` are by span id."""
    first_ns = min(span.start_ns for span in trace.spans)
    whole_ns = max(max(span.end_ns for span in trace.spans) - first_ns, 1)
    depths: list[int] = []
    lines = []
    for span, parent in zip(trace.spans, trace.parents, strict=True):
        depths.append(0 if parent == NO_PARENT else depths[parent] + 1)
        begin = (span.start_ns - first_ns) * COLUMNS // whole_ns
        length = max(1, span.duration_ns * COLUMNS // whole_ns)
        bar = (" " * begin + ("!" if span.failed else "#") * length)[:COLUMNS].ljust(COLUMNS)
        time = f"{(span.start_ns - first_ns) / 1e9:8.3f} +{span.duration_ns / 1e9:7.3f} s"
        lines.append(
            f"{marks.get(span.span_id, ''):>18.18} {span.span_id[:6]} {time} {bar} {'  ' * depths[-1]}{_told(span)}"
        )
    return "\n".join(lines)


def _told(span: Span) -> str:
    parts = [f"{span.operation}:{span.label}"]
    if span.operation is Operation.LLM:
        if span.usage:
            parts.append(f"in={span.usage.input} out={span.usage.output} cached={span.usage.cache_read}")
        if span.model and span.model.asked:
            parts.append("asks=" + ",".join(request.name for request in span.model.asked))
        if span.model and span.model.answer:
            parts.append(f"answer={_short(span.model.answer)}")
        if span.model and span.model.finish_reasons:
            parts.append(f"finish={','.join(span.model.finish_reasons)}")
    elif span.operation is not Operation.FLOW:
        parts.append(f"({_short(span.input)}) -> {_short(span.output)}")
    if span.status_message:
        parts.append(f"error={_short(span.status_message)}")
    return " ".join(parts)


def _short(value: Value) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
