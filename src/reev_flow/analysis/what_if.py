"""How long a run would have taken if some of its operations took longer or shorter."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from reev_flow.analysis.changes import Change, outermost_matches, parse_change
from reev_flow.analysis.replay import Schedule, Times
from reev_flow.analysis.what_if_warnings import Affected, warnings_of
from reev_flow.trace.trace import Trace


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run with changes. `warnings` are sentences that say why it could come otherwise.

    `changed` are the positions of the spans that a change applies to. `guessed` of its spans say nothing of what they waited for, so that
    this was taken from the times.
    """

    before_ns: int
    duration_ns: int
    changes: tuple[Change, ...]
    changed: tuple[int, ...]
    times: Times
    guessed: int
    warnings: tuple[str, ...]

    @property
    def saved_ns(self) -> int:
        """Below zero when the run becomes longer."""
        return self.before_ns - self.duration_ns

    @property
    def is_guess(self) -> bool:
        return self.guessed > 0

    @property
    def span_durations_ns(self) -> list[int]:
        """Of every span, by position."""
        return [end - start for start, end in zip(self.times.starts_ns, self.times.ends_ns, strict=True)]


def what_if(trace: Trace, changes: Iterable[Change | str], schedule: Schedule | None = None) -> Prediction:
    """Changes that meet one span apply in the order given; one below another applies before that one does.

    A name that nothing has is a `NoSuchOperation`, text that is no change an `InvalidChange`. Who has the schedule of the trace gives it.
    """
    wanted = tuple(parse_change(change) if isinstance(change, str) else change for change in changes)
    schedule = Schedule.of(trace) if schedule is None else schedule
    applied: dict[int, list[Change]] = {}
    for change in wanted:
        for position in outermost_matches(trace, change.name):
            applied.setdefault(position, []).append(change)
    replayed = schedule
    for layer in _innermost_first(trace, applied):
        durations_ns = {
            position: _applied(replayed.times.duration_of(position), applied[position]) for position in layer
        }
        replayed = replayed.retimed(replayed.replay(durations_ns))
    return Prediction(
        before_ns=schedule.times.duration_ns,
        duration_ns=replayed.times.duration_ns,
        changes=wanted,
        changed=tuple(sorted(applied)),
        times=replayed.times,
        guessed=schedule.guessed,
        warnings=warnings_of(Affected(schedule, replayed.times, applied)) if applied else (),
    )


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
