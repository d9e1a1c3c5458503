"""What a run gave back, as its outermost flow, agent or step stated it."""

from collections.abc import Iterator

import msgspec

from reev_flow.analysis.failures.last_message import last_message
from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import Operation, Span, Value
from reev_flow.trace.trace import Trace

SPEAKERS = frozenset({Operation.FLOW, Operation.AGENT, Operation.STEP})
NOTHING = ("", "{}", "[]", "null", "None", '""')  # as JSON and Python write it


def stated_output(trace: Trace) -> str | None:
    """Of several outermost ones with an output, that of the one which ended last; None without any, empty when it says nothing. Of a
    conversation, its last message.
    """
    speakers = (span for span in _outermost_speakers(trace) if span.output is not None)
    last = max(speakers, key=lambda span: (span.end_ns, span.start_ns), default=None)
    return None if last is None else _text(last.output)


def fields_of(stated: str) -> dict[str, Value]:
    """Of an output that is a JSON object; empty for any other."""
    if not stated.startswith("{"):
        return {}
    try:
        fields: Value = msgspec.json.decode(stated)
    except msgspec.DecodeError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _outermost_speakers(trace: Trace) -> Iterator[Span]:
    position = 0
    while position < len(trace):
        span = trace.spans[position]
        is_speaker = span.operation in SPEAKERS
        if is_speaker:
            yield span
        position = trace.subtree_ends[position] if is_speaker else position + 1


def _text(output: Value) -> str:
    text = output.strip() if isinstance(output, str) else canonical(output).decode()
    if text in NOTHING:
        return ""
    said = last_message(text)
    return text if said is None else said
