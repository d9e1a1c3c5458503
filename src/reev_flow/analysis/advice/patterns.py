"""The named patterns that a run shows: what kinds of things it did again and again, side by side or in vain."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

import msgspec

from reev_flow.analysis.advice.seen_patterns import Seen, fan_outs, hand_offs, made_good_retries, polls
from reev_flow.analysis.advice.span_shares import SpanShares
from reev_flow.analysis.findings import Finding, Rule
from reev_flow.analysis.rules.rulebook import DEFAULT_RULES, find
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.trace import Trace


class PatternKind(StrEnum):
    """What a pattern is. The last four are how agents are meant to work, and nothing is wrong with them."""

    REPETITION = "repetition"
    RETRY_STORM = "retry storm"
    LOOP = "loop"
    ONE_BY_ONE = "n+1"
    NEEDLESS_SEQUENCE = "needless sequence"
    STANDSTILL = "standstill"
    GROWING_CONTEXT = "growing context"
    UNCACHED_INPUT = "uncached input"
    WASTED_BRANCH = "wasted branch"
    DOUBLED_EFFECT = "doubled effect"
    FAILURE_CASCADE = "failure cascade"
    FAN_OUT = "fan-out"
    POLLING = "polling"
    RETRY = "retry"
    HAND_OFF = "hand-off"


KIND_OF_CODE = {
    "RF101": PatternKind.REPETITION,
    "RF102": PatternKind.RETRY_STORM,
    "RF103": PatternKind.LOOP,
    "RF104": PatternKind.ONE_BY_ONE,
    "RF105": PatternKind.NEEDLESS_SEQUENCE,
    "RF107": PatternKind.STANDSTILL,
    "RF209": PatternKind.FAILURE_CASCADE,
    "RF301": PatternKind.GROWING_CONTEXT,
    "RF303": PatternKind.UNCACHED_INPUT,
    "RF304": PatternKind.WASTED_BRANCH,
    "RF401": PatternKind.DOUBLED_EFFECT,
}


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in a run that shows one pattern.

    `count` is how often it was seen, `spans` the ids that show it, in the order of the trace. `duration_ns` is what these own of the flow's
    path, `tokens` what was used in them, each with its share of the run's. `codes` are those of the findings that say what is wrong with it:
    none where it is as it should be.
    """

    kind: PatternKind
    count: int
    where: tuple[str, ...]
    spans: tuple[str, ...]
    duration_ns: int
    time_share: float
    tokens: int
    token_share: float
    codes: tuple[str, ...]


class PatternDetector:
    """Groups what a run shows, and what the given rules find in it, into patterns."""

    def __init__(self, rules: Sequence[Rule] = DEFAULT_RULES) -> None:
        self._rules = rules

    def detect(self, trace: Trace) -> tuple[Pattern, ...]:
        facts = RunFacts(trace)
        return patterns_of(SpanShares(facts), find(facts, self._rules))


def patterns_of(shares: SpanShares, findings: Iterable[Finding]) -> tuple[Pattern, ...]:
    """Those that something is wrong with first, then by the time they own."""
    groups: dict[PatternKind, list[Seen]] = {}
    codes: dict[PatternKind, set[str]] = {}
    for kind, code, seen in (*_told(findings, shares), *_shown(shares.facts)):
        groups.setdefault(kind, []).append(seen)
        codes.setdefault(kind, set()).update([code] if code else [])
    found = [_pattern(kind, seen, sorted(codes[kind]), shares) for kind, seen in groups.items()]
    return tuple(sorted(found, key=lambda one: (not one.codes, -one.duration_ns, -one.tokens, one.kind)))


def _told(findings: Iterable[Finding], shares: SpanShares) -> Iterator[tuple[PatternKind, str, Seen]]:
    for finding in findings:
        kind = KIND_OF_CODE.get(finding.code)
        if kind is not None:
            yield kind, finding.code, _seen(finding, shares.positions(finding.evidence))


def _seen(finding: Finding, positions: Sequence[int]) -> Seen:
    """What stands still is not what surrounds it, and an error costs what the deepest of its levels took."""
    if finding.code == "RF107":
        return Seen(tuple(positions), (), finding.saving.duration_ns if finding.saving else 0)
    return Seen(tuple(positions), tuple(positions[-1:])) if finding.code == "RF209" else Seen.in_all(positions)


def _shown(facts: RunFacts) -> Iterator[tuple[PatternKind, str, Seen]]:
    looks = (
        (PatternKind.FAN_OUT, fan_outs),
        (PatternKind.POLLING, polls),
        (PatternKind.RETRY, made_good_retries),
        (PatternKind.HAND_OFF, hand_offs),
    )
    for kind, look in looks:
        for seen in look(facts):
            yield kind, "", seen


def _pattern(kind: PatternKind, groups: Sequence[Seen], codes: Sequence[str], shares: SpanShares) -> Pattern:
    facts = shares.facts
    spans = [facts.trace.spans[position] for position in sorted({at for seen in groups for at in seen.positions})]
    spent_in = {at for seen in groups for at in seen.spent_in}
    duration_ns = shares.owned_ns(spent_in) + sum(seen.idle_ns for seen in groups)
    tokens = shares.usage(spent_in).total
    return Pattern(
        kind=kind,
        count=len(groups),
        where=tuple(dict.fromkeys(span.label for span in spans)),
        spans=tuple(span.span_id for span in spans),
        duration_ns=duration_ns,
        time_share=_share(duration_ns, facts.trace.duration_ns),
        tokens=tokens,
        token_share=_share(tokens, facts.usage.total.total),
        codes=tuple(codes),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole > 0 else 0.0
