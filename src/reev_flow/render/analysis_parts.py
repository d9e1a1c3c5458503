"""What the JSON form of a run says about its patterns, its performance and what to do about it."""

from collections.abc import Iterable

import msgspec

from reev_flow.analysis.advice.patterns import Pattern
from reev_flow.analysis.advice.performance import Bottleneck, Performance
from reev_flow.analysis.advice.recommendations import Recommendation
from reev_flow.analysis.metrics import Durations
from reev_flow.analysis.replay.sensitivities import Sensitivity
from reev_flow.render.bounded import bounded_text
from reev_flow.render.document_parts import DurationsPart
from reev_flow.render.dollars import exact_dollars


class PatternPart(msgspec.Struct, frozen=True, kw_only=True):
    """`spans` are span ids, `where` the operations that they are. Shares are of the run; without `codes` nothing is wrong with it."""

    kind: str
    count: int
    where: list[str]
    spans: list[str]
    duration_ns: int
    time_share: float
    tokens: int
    token_share: float
    codes: list[str]


class BottleneckPart(msgspec.Struct, frozen=True, kw_only=True):
    """All operations of one kind and label. `slack_ns` is the least and `drag_ns` the largest of one of them; `spans` are the ids of those that
    own most of the flow's path.
    """

    label: str
    operation: str
    calls: int
    owned_ns: int
    share: float
    slack_ns: int
    drag_ns: int
    saved_per_ns: float
    durations: DurationsPart
    spans: list[str]


class SensitivityPart(msgspec.Struct, frozen=True, kw_only=True):
    """Of the `total_ns` of its calls the run waited for `waited_ns`; in `own_ns` of that it waited for no other operation inside.
    `saved_per_ns` is how much shorter the run becomes for each nanosecond that they save.
    """

    label: str
    calls: int
    total_ns: int
    waited_ns: int
    own_ns: int
    saved_per_ns: float


class PerformancePart(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting_ns` somebody was waited for, `down_ns` no worker held the run. `is_guess`: not everything is known of what waited for what."""

    duration_ns: int
    waiting_ns: int
    down_ns: int
    bottlenecks: list[BottleneckPart]
    sensitivities: list[SensitivityPart]
    is_guess: bool


class PredictedSavingPart(msgspec.Struct, frozen=True, kw_only=True):
    """`cost` is a decimal string of dollars. With `is_bound` it is `duration_ns` at most, `assumes` says under which condition."""

    duration_ns: int
    tokens: int
    cost: str | None
    is_bound: bool
    is_guess: bool
    assumes: str


class RecommendationPart(msgspec.Struct, frozen=True, kw_only=True):
    """`codes` are those of the findings that it mends, `evidence` the ids of the spans that show them."""

    message: str
    codes: list[str]
    where: list[str]
    evidence: list[str]
    severity: str
    saving: PredictedSavingPart
    confidence: float


def pattern_parts(patterns: Iterable[Pattern]) -> list[PatternPart]:
    return [
        PatternPart(
            kind=one.kind,
            count=one.count,
            where=[bounded_text(label) for label in one.where],
            spans=list(one.spans),
            duration_ns=one.duration_ns,
            time_share=one.time_share,
            tokens=one.tokens,
            token_share=one.token_share,
            codes=list(one.codes),
        )
        for one in patterns
    ]


def performance_part(performance: Performance) -> PerformancePart:
    return PerformancePart(
        duration_ns=performance.duration_ns,
        waiting_ns=performance.waiting_ns,
        down_ns=performance.down_ns,
        bottlenecks=[_bottleneck(one) for one in performance.bottlenecks],
        sensitivities=sensitivity_parts(performance.sensitivities),
        is_guess=performance.is_guess,
    )


def sensitivity_parts(paying: Iterable[Sensitivity]) -> list[SensitivityPart]:
    return [
        SensitivityPart(
            label=bounded_text(one.label),
            calls=one.calls,
            total_ns=one.total_ns,
            waited_ns=one.waited_ns,
            own_ns=one.own_ns,
            saved_per_ns=one.saved_per_ns,
        )
        for one in paying
    ]


def recommendation_parts(made: Iterable[Recommendation]) -> list[RecommendationPart]:
    return [
        RecommendationPart(
            message=bounded_text(one.message),
            codes=list(one.codes),
            where=[bounded_text(label) for label in one.where],
            evidence=list(one.evidence),
            severity=one.severity,
            saving=PredictedSavingPart(
                duration_ns=one.saving.duration_ns,
                tokens=one.saving.tokens,
                cost=exact_dollars(one.saving.cost),
                is_bound=one.saving.is_bound,
                is_guess=one.saving.is_guess,
                assumes=one.saving.assumes,
            ),
            confidence=one.confidence,
        )
        for one in made
    ]


def durations_part(durations: Durations) -> DurationsPart:
    return DurationsPart(
        total_ns=durations.total_ns,
        median_ns=durations.median_ns,
        p95_ns=durations.p95_ns,
        longest_ns=durations.longest_ns,
    )


def _bottleneck(one: Bottleneck) -> BottleneckPart:
    return BottleneckPart(
        label=bounded_text(one.label),
        operation=one.operation,
        calls=one.calls,
        owned_ns=one.owned_ns,
        share=one.share,
        slack_ns=one.slack_ns,
        drag_ns=one.drag_ns,
        saved_per_ns=one.saved_per_ns,
        durations=durations_part(one.durations),
        spans=list(one.spans),
    )
