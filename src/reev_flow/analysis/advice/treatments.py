"""What a cure would do to a run: which of its spans would take less time, and what would not be sent to models any more."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from reev_flow.analysis.advice.cures import Case
from reev_flow.analysis.advice.span_shares import SpanShares
from reev_flow.analysis.findings import Finding
from reev_flow.analysis.rules.retry_storm import MANY
from reev_flow.analysis.run_facts import RunFacts

LONGEST_ROUND = 6  # calls


class Treatment(msgspec.Struct, frozen=True, kw_only=True):
    """The durations that spans would have, by position, and the time that the run would stand still no more. `gone` would not happen.

    `assumes` says what has to be true for that, empty when it is sure; with `is_bound` the cure saves no more than this, and maybe less.
    """

    durations_ns: dict[int, int] = {}
    idle_ns: int = 0
    gone: frozenset[int] = frozenset()
    assumes: str = ""
    is_bound: bool = False


NOTHING = Treatment()


def treatment_of(case: Case, shares: SpanShares) -> Treatment:
    """What several findings ask for is done at once; of a span that they treat differently, the shorter duration counts."""
    treatments = [
        TREATMENTS[finding.code](shares.positions(finding.evidence), finding, shares.facts)
        for finding in case.findings
        if finding.code in TREATMENTS
    ]
    if len(treatments) < 2:
        return treatments[0] if treatments else NOTHING
    durations: dict[int, int] = {}
    for one in treatments:
        for position, duration_ns in one.durations_ns.items():
            durations[position] = min(duration_ns, durations.get(position, duration_ns))
    return Treatment(
        durations_ns=durations,
        idle_ns=sum(one.idle_ns for one in treatments),
        gone=frozenset().union(*(one.gone for one in treatments)),
        assumes=next((one.assumes for one in treatments if one.assumes), ""),
        is_bound=any(one.is_bound for one in treatments),
    )


def _without(positions: Iterable[int]) -> Treatment:
    gone = frozenset(positions)
    return Treatment(durations_ns=dict.fromkeys(gone, 0), gone=gone)


def _without_repeats(positions: Sequence[int], _: Finding, __: RunFacts) -> Treatment:
    return _without(positions[1:])


def _without_many_goes(positions: Sequence[int], _: Finding, __: RunFacts) -> Treatment:
    given_up = msgspec.structs.replace(_without(positions[MANY - 1 :]), is_bound=True)
    return msgspec.structs.replace(given_up, assumes=f"if it gave up after {MANY - 1} goes")


def _without_later_rounds(positions: Sequence[int], _: Finding, facts: RunFacts) -> Treatment:
    """Nor would the models be called that asked for nothing but these rounds."""
    again = set(positions[_round_length([facts.trace.spans[position].label for position in positions]) :])
    wanted: dict[str, list[str | None]] = {}
    for asked in facts.asked_calls:
        wanted.setdefault(asked.asked_by, []).append(asked.executed_by)
    ids = {facts.trace.spans[position].span_id for position in again}
    askers = {asker for asker, executed in wanted.items() if all(one in ids for one in executed)}
    again |= {call.positions[-1] for call in facts.model_calls if call.span_id in askers}
    return msgspec.structs.replace(_without(again), assumes="if it ended after the first round")


def _round_length(labels: Sequence[str]) -> int:
    """The shortest that repeats itself; all of them when none does."""
    lengths = range(1, min(LONGEST_ROUND, len(labels) - 1) + 1)
    return next((length for length in lengths if labels[length:] == labels[:-length]), len(labels))


def _all_at_once(positions: Sequence[int], finding: Finding, facts: RunFacts) -> Treatment:
    """As long as the longest of them."""
    durations = {position: facts.trace.spans[position].duration_ns for position in positions}
    longest = max(positions, key=lambda position: durations[position])
    others = dict.fromkeys((position for position in positions if position != longest), 0)
    assumes = "if one call for all takes as long as the longest did" if finding.code == "RF104" else ""
    return Treatment(durations_ns=others, assumes=assumes)


def _twice_as_fast(positions: Sequence[int], _: Finding, facts: RunFacts) -> Treatment:
    halved = {position: facts.trace.spans[position].duration_ns // 2 for position in positions}
    return Treatment(durations_ns=halved, assumes="if it were twice as fast")


def _without_standstill(_: Sequence[int], finding: Finding, __: RunFacts) -> Treatment:
    return Treatment(idle_ns=finding.saving.duration_ns if finding.saving else 0, is_bound=True)


def _as_fast_as_others(positions: Sequence[int], finding: Finding, facts: RunFacts) -> Treatment:
    excess_ns = finding.saving.duration_ns if finding.saving else 0
    usual = {position: max(facts.trace.spans[position].duration_ns - excess_ns, 0) for position in positions}
    return Treatment(durations_ns=usual, assumes="if it took as long as its like")


def _without_branch(positions: Sequence[int], _: Finding, __: RunFacts) -> Treatment:
    return msgspec.structs.replace(_without(positions), is_bound=True)


Treat = Callable[[Sequence[int], Finding, RunFacts], Treatment]
TREATMENTS: dict[str, Treat] = {
    "RF101": _without_repeats,
    "RF102": _without_many_goes,
    "RF103": _without_later_rounds,
    "RF104": _all_at_once,
    "RF105": _all_at_once,
    "RF106": _twice_as_fast,
    "RF107": _without_standstill,
    "RF108": _as_fast_as_others,
    "RF304": _without_branch,
}
