"""What made a run take as long as it did: which operations own its path, and how much faster it would be without them."""

from collections.abc import Iterable, Sequence

import msgspec

from reev_flow.analysis.metrics import Durations, durations_of
from reev_flow.analysis.replay.sensitivities import Sensitivity, sensitivities
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.spans import Concurrency, SpanAnalysis
from reev_flow.trace.run import GapKind
from reev_flow.trace.semantics import REEV_GAP
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import Trace

WORTH_TELLING = 0.05  # of the path
MOST_BOTTLENECKS = 10
MOST_SPANS = 5


class Bottleneck(msgspec.Struct, frozen=True, kw_only=True):
    """Operations of one kind and label, and what they own of the flow's path themselves.

    `share` is of the whole run. `slack_ns` is the least slack and `drag_ns` the largest drag of one of them; `saved_per_ns` is how much
    shorter the run becomes for each nanosecond that all of them save in proportion. `durations` are those of all of them, `spans` the ids of
    those that own most.
    """

    label: str
    operation: Operation
    calls: int
    owned_ns: int
    share: float
    slack_ns: int
    drag_ns: int
    saved_per_ns: float
    durations: Durations
    spans: tuple[str, ...]


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """The time of one run.

    Of its path, somebody was waited for in `waiting_ns` and no worker held the run in `down_ns`. `bottlenecks` come by what they own.
    `is_guess` says that for some spans it had to be taken from the times what they waited for.
    """

    duration_ns: int
    waiting_ns: int
    down_ns: int
    concurrency: Concurrency
    bottlenecks: tuple[Bottleneck, ...]
    sensitivities: tuple[Sensitivity, ...]
    is_guess: bool


class PerformanceAnalyzer:
    """Finds what a run spent its time on. An operation below `least_share` of the run is no bottleneck."""

    def __init__(self, *, least_share: float = WORTH_TELLING) -> None:
        if not 0 <= least_share <= 1:
            raise ValueError(f"least_share is {least_share}; give a share of the run between 0 and 1")
        self._least_share = least_share

    def analyze(self, trace: Trace) -> Performance:
        facts = RunFacts(trace)
        return performance_of(facts, sensitivities(trace, facts.spans.schedule), least_share=self._least_share)


def performance_of(
    facts: RunFacts, paying: Sequence[Sensitivity], *, least_share: float = WORTH_TELLING, has_bottlenecks: bool = True
) -> Performance:
    """`paying` are the sensitivities of the run."""
    spans = facts.spans
    still = spans.stood_still_ns
    return Performance(
        duration_ns=facts.trace.duration_ns,
        waiting_ns=still[GapKind.WAITING],
        down_ns=still[GapKind.DOWN],
        concurrency=spans.concurrency,
        bottlenecks=_bottlenecks(spans, paying, least_share) if has_bottlenecks else (),
        sensitivities=tuple(paying),
        is_guess=spans.schedule.guessed > 0,
    )


def _bottlenecks(analysis: SpanAnalysis, paying: Iterable[Sensitivity], least_share: float) -> tuple[Bottleneck, ...]:
    owned_ns = _owned_by_operation(analysis)
    least_ns = max(1, int(least_share * analysis.trace.duration_ns))
    ranked = sorted(owned_ns, key=lambda key: -owned_ns[key])[:MOST_BOTTLENECKS]
    chosen = [key for key in ranked if owned_ns[key] >= least_ns]
    members: dict[tuple[Operation, str], list[int]] = {key: [] for key in chosen}
    for position, span in enumerate(analysis.trace.spans) if chosen else ():
        group = members.get((span.operation, span.label))
        if group is not None:
            group.append(position)
    pays = {one.label: one.saved_per_ns for one in paying}
    return tuple(
        _bottleneck(analysis, positions, owned_ns[key], pays.get(key[1], 0.0)) for key, positions in members.items()
    )


def _owned_by_operation(analysis: SpanAnalysis) -> dict[tuple[Operation, str], int]:
    """Without plumbing that stands alone, and without time in which nothing of the run could go on."""
    owned: dict[tuple[Operation, str], int] = {}
    for span, time_ns in zip(analysis.trace.spans, analysis.operation_critical_ns, strict=True):
        if time_ns and span.operation is not Operation.OTHER and REEV_GAP not in span.attributes:
            key = (span.operation, span.label)
            owned[key] = owned.get(key, 0) + time_ns
    return owned


def _bottleneck(analysis: SpanAnalysis, positions: list[int], owned_ns: int, saved_per_ns: float) -> Bottleneck:
    spans, owned = analysis.trace.spans, analysis.operation_critical_ns
    ranked = sorted(positions, key=lambda position: -owned[position])
    return Bottleneck(
        label=spans[positions[0]].label,
        operation=spans[positions[0]].operation,
        calls=len(positions),
        owned_ns=owned_ns,
        share=owned_ns / analysis.trace.duration_ns,
        slack_ns=min(analysis.slack_ns.get(position, 0) for position in positions),
        drag_ns=max(analysis.drag_ns.get(position, 0) for position in positions),
        saved_per_ns=saved_per_ns,
        durations=durations_of(spans[position].duration_ns for position in positions),
        spans=tuple(spans[position].span_id for position in ranked[:MOST_SPANS] if owned[position]),
    )
