"""The spans of one run as a forest, laid out so that every walk is a plain loop."""

from collections.abc import Iterator, Sequence

import msgspec

from reev_flow.trace.span import Flag, Operation, Span

NO_PARENT = -1


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a span that had to be mended, or said, for the trace to make sense.

    Of a clock that is off, `service` is one that it timed, and `shift_ns` what has to be added to its times, or was, if that was asked for.
    """

    flag: Flag
    span_id: str
    details: str
    service: str = ""
    shift_ns: int | None = None


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """The spans of one run, parents before children and siblings by start.

    A span is addressed by its position, since ids may repeat. `parents[i]` is the position of span i's parent (`NO_PARENT` for a
    root) and is always below i; the spans below i are exactly `spans[i + 1 : subtree_ends[i]]`. `awaited` are the ids of spans that have
    not come, though logs told what happened in them.
    Made by `collect.assemble`, never empty.
    """

    trace_id: str
    spans: tuple[Span, ...]
    parents: tuple[int, ...]
    subtree_ends: tuple[int, ...]
    start_ns: int
    end_ns: int
    problems: tuple[Problem, ...] = ()
    awaited: tuple[str, ...] = ()

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns

    @property
    def name(self) -> str:
        """The label of the first operation, else, in a trace of nothing but infrastructure, of the first root."""
        operations = (span for span in self.spans if span.operation is not Operation.OTHER)
        return next(operations, self.spans[0]).label

    @property
    def conversation_ids(self) -> tuple[str, ...]:
        """Every conversation named in the trace, in order of first appearance."""
        return tuple(dict.fromkeys(span.conversation_id for span in self.spans if span.conversation_id))

    def __len__(self) -> int:
        return len(self.spans)

    def walk(self) -> Iterator[Span]:
        """Every span, parents before children, siblings by start."""
        return iter(self.spans)

    def roots(self) -> Iterator[int]:
        return self._siblings(0, len(self.spans))

    def children(self, position: int) -> Iterator[int]:
        """Positions of the direct children, by start."""
        return self._siblings(position + 1, self.subtree_ends[position])

    def ancestors(self, position: int) -> Iterator[int]:
        """Positions from the parent up to the root."""
        position = self.parents[position]
        while position != NO_PARENT:
            yield position
            position = self.parents[position]

    def depths(self) -> list[int]:
        """How many ancestors each span has, by position."""
        depths: list[int] = []
        for parent in self.parents:
            depths.append(0 if parent == NO_PARENT else depths[parent] + 1)
        return depths

    def _siblings(self, position: int, end: int) -> Iterator[int]:
        while position < end:
            yield position
            position = self.subtree_ends[position]


def side_by_side(traces: Sequence[Trace]) -> Trace:
    """Several traces as one, each with its own roots, in the order given; there must be at least one."""
    if len(traces) == 1:
        return traces[0]
    parents: list[int] = []
    subtree_ends: list[int] = []
    for trace in traces:
        first = len(parents)
        parents += [NO_PARENT if parent == NO_PARENT else parent + first for parent in trace.parents]
        subtree_ends += [end + first for end in trace.subtree_ends]
    return Trace(
        trace_id=traces[0].trace_id,
        spans=tuple(span for trace in traces for span in trace.spans),
        parents=tuple(parents),
        subtree_ends=tuple(subtree_ends),
        start_ns=min(trace.start_ns for trace in traces),
        end_ns=max(trace.end_ns for trace in traces),
        problems=tuple(problem for trace in traces for problem in trace.problems),
        awaited=tuple(span_id for trace in traces for span_id in trace.awaited),
    )
