"""What is said of a run of which more may come."""

from collections.abc import Iterator

from reev_flow.trace.span import Flag
from reev_flow.trace.standing import RunState
from reev_flow.trace.trace import Trace

MEANINGS = {
    RunState.OPEN: "open: more of it may come",
    RunState.SETTLED: "settled: all of it is here",
    RunState.INCOMPLETE: "incomplete: nothing has come for long, and not all of it is here",
}


def told_state(state: RunState, trace: Trace) -> str:
    lacks = "" if state is RunState.SETTLED else ", ".join(_lacks(trace))
    return f"{MEANINGS[state]} ({lacks})" if lacks else MEANINGS[state]


def _lacks(trace: Trace) -> Iterator[str]:
    if all(span.parent_id is not None for span in trace.spans):
        yield "its root is missing"
    unfinished = sum(Flag.UNFINISHED in span.flags for span in trace.spans)
    if unfinished:
        yield f"{_counted(unfinished)} without an end"
    if trace.awaited:
        yield f"{_counted(len(trace.awaited))} known only from logs"


def _counted(spans: int) -> str:
    return f"{spans:,} span{'s' * (spans != 1)}"
