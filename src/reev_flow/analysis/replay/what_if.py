"""How long a run would have taken if some of its operations took longer or shorter."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from reev_flow.analysis.replay.changes import Change, as_change, is_called, outermost_matches
from reev_flow.analysis.replay.flow_schedule import FlowSchedule
from reev_flow.analysis.replay.schedule import Times
from reev_flow.analysis.replay.what_if_warnings import Affected, warnings_of
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import Trace


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run with changes. `warnings` are sentences that say why it could come otherwise.

    `changed` are the positions of the spans that a change applies to, `replayed` those of the spans that were worked out again: the operations,
    and what else a change named, `replayed_ns` from the first to the last; the time before and after that stays as it was. `guessed` of them say nothing of
    what they waited for, so that this was taken from the times. `span_durations_ns` are by position, None of what was not worked out.
    """

    before_ns: int
    duration_ns: int
    changes: tuple[Change, ...]
    changed: tuple[int, ...]
    replayed: tuple[int, ...]
    replayed_ns: int
    span_durations_ns: tuple[int | None, ...]
    guessed: int
    warnings: tuple[str, ...]

    @property
    def saved_ns(self) -> int:
        """Below zero when the run becomes longer."""
        return self.before_ns - self.duration_ns

    @property
    def is_guess(self) -> bool:
        return self.guessed > 0


def what_if(trace: Trace, changes: Iterable[Change | str], flow: FlowSchedule | None = None) -> Prediction:
    """Changes that meet one span apply in the order given; one below another applies before that one does.

    A name that nothing has is a `NoSuchOperation`, what is no change an `InvalidChange`. Who has the schedule of the trace gives it.
    """
    wanted = tuple(map(as_change, changes))
    infrastructure = _named_infrastructure(trace, wanted)
    if flow is None or infrastructure:
        flow = FlowSchedule.of(trace, infrastructure=infrastructure)
    operations, schedule = flow.operations, flow.schedule
    applied: dict[int, list[Change]] = {}
    for change in wanted:
        for index in outermost_matches(operations.trace, change.name):
            applied.setdefault(index, []).append(change)
    replayed = schedule
    for layer in _innermost_first(operations.trace, applied):
        durations_ns = {
            position: _applied(replayed.times.duration_of(position), applied[position]) for position in layer
        }
        replayed = replayed.retimed(replayed.replay(durations_ns))
    return Prediction(
        before_ns=trace.duration_ns,
        duration_ns=trace.duration_ns - schedule.times.duration_ns + replayed.times.duration_ns,
        changes=wanted,
        changed=tuple(operations.positions[index] for index in sorted(applied)),
        replayed=tuple(operations.positions),
        replayed_ns=schedule.times.duration_ns,
        span_durations_ns=_durations(len(trace), operations.positions, replayed.times),
        guessed=schedule.guessed,
        warnings=warnings_of(Affected(schedule, replayed.times, applied)) if applied else (),
    )


def _named_infrastructure(trace: Trace, changes: Iterable[Change]) -> list[int]:
    """What changes name that is called like no operation."""
    operations = [span for span in trace.spans if span.operation is not Operation.OTHER]
    names = {change.name for change in changes}
    strange = [name for name in names if not any(is_called(span, name) for span in operations)]
    return [position for name in strange for position in outermost_matches(trace, name)]


def _durations(count: int, positions: Sequence[int], times: Times) -> tuple[int | None, ...]:
    durations: list[int | None] = [None] * count
    for index, position in enumerate(positions):
        durations[position] = times.duration_of(index)
    return tuple(durations)


def _applied(duration_ns: int, changes: Sequence[Change]) -> int:
    for change in changes:
        duration_ns = change.applied(duration_ns)
    return duration_ns


def _innermost_first(trace: Trace, applied: Mapping[int, object]) -> list[list[int]]:
    """The changed spans in layers, so that none lies in another one of its layer, and whatever is inside comes first."""
    heights: dict[int, int] = {}
    open_spans: list[int] = []
    for position in sorted(applied):
        while open_spans and trace.subtree_ends[open_spans[-1]] <= position:
            _close(open_spans, heights)
        open_spans.append(position)
        heights[position] = 0
    while open_spans:
        _close(open_spans, heights)
    layers: list[list[int]] = [[] for _ in range(max(heights.values(), default=-1) + 1)]
    for position, height in heights.items():
        layers[height].append(position)
    return layers


def _close(open_spans: list[int], heights: dict[int, int]) -> None:
    inner = open_spans.pop()
    if open_spans:
        outer = open_spans[-1]
        heights[outer] = max(heights[outer], heights[inner] + 1)
