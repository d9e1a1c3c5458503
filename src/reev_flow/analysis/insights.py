"""Everything known about one run."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

import msgspec

from reev_flow.analysis.advice.flow_analysis import FlowAnalysis, confidence_score
from reev_flow.analysis.advice.patterns import Pattern, patterns_of
from reev_flow.analysis.advice.performance import Performance, performance_of
from reev_flow.analysis.advice.recommendations import Recommendation, recommendations_of
from reev_flow.analysis.advice.span_shares import SpanShares
from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.calls.prices import NO_PRICES, Prices
from reev_flow.analysis.calls.tool_calls import AskedCall, CallAnalysis, ToolCall
from reev_flow.analysis.findings import Finding, Rule
from reev_flow.analysis.metrics import FlowMetrics, adding_up
from reev_flow.analysis.replay.changes import Change
from reev_flow.analysis.replay.flow_schedule import FlowSchedule
from reev_flow.analysis.replay.sensitivities import Sensitivity, sensitivities
from reev_flow.analysis.replay.what_if import Prediction, what_if
from reev_flow.analysis.rules.rulebook import DEFAULT_RULES, find_in_time, without_lost_time
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.analysis.time_budget import TimeBudget
from reev_flow.errors import (
    MermaidGenerationFailed,
    MetricsError,
    MetricsExtractionError,
    PartSwitchedOff,
    ProcessingFailed,
    ProcessingTimedOut,
    TraceError,
)
from reev_flow.trace.trace import Trace

Part = TypeVar("Part")
Instead = TypeVar("Instead")


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts of the insights are wanted. Reading a part that is off raises `PartSwitchedOff`.

    `performance` is the times of spans and the critical path; without `bottlenecks`, the findings leave out lost time.
    """

    metrics: bool = True
    tool_calls: bool = True
    performance: bool = True
    bottlenecks: bool = True
    diagram: bool = True


ALL_PARTS = Parts()


class FlowInsights:
    """What a trace tells; each part is computed when first read, and the trace itself is fetched then if a function gives it.

    A part that cannot be computed raises `ProcessingFailed` (`MetricsExtractionError` for the metrics, `MermaidGenerationFailed` for
    the diagram) with the cause behind it; the other parts stay readable. With a budget that is exceeded, what was not ready by then raises
    `ProcessingTimedOut`, and the insights are partial.
    """

    def __init__(
        self,
        trace: Trace | Callable[[], Trace],
        *,
        draw: Callable[[Trace, SpanAnalysis], str],
        rules: Sequence[Rule] = DEFAULT_RULES,
        parts: Parts = ALL_PARTS,
        prices: Prices = NO_PRICES,
        budget: TimeBudget | None = None,
    ) -> None:
        self._source = trace
        self._budget = budget or TimeBudget()
        self.parts = parts
        self.missing: tuple[str, ...] = ()
        self.unasked: tuple[str, ...] = ()
        self._draw = draw
        self._rules = rules
        self._prices = prices

    @cached_property
    def trace(self) -> Trace:
        return self._source if isinstance(self._source, Trace) else self._source()

    @cached_property
    def _facts(self) -> RunFacts:
        return RunFacts(self.trace, self._budget, prices=self._prices)

    @cached_property
    def _shares(self) -> SpanShares:
        return SpanShares(self._facts)

    @property
    def is_partial(self) -> bool:
        """Whether the time did not suffice for something that was read; `missing` names it: parts, and rules that were not asked, which alone are `unasked`."""
        return self._budget.is_exceeded

    @cached_property
    def metrics(self) -> FlowMetrics:
        self._require("metrics", wanted=self.parts.metrics)
        try:
            with adding_up(self.trace.trace_id):
                return self._in_time("metrics", lambda: self._facts.metrics)
        except MetricsError as cause:
            raise MetricsExtractionError(self.trace.trace_id) from cause

    @cached_property
    def spans(self) -> SpanAnalysis:
        """Self times, waiting, the critical path and concurrency."""
        self._require("performance", wanted=self.parts.performance)
        has_limit = self._budget.milliseconds is not None
        return self._in_time("spans", lambda: self._facts.spans.worked_out() if has_limit else self._facts.spans)

    @cached_property
    def schedule(self) -> FlowSchedule:
        """What every start and end of an operation waited for."""
        self._require("performance", wanted=self.parts.performance)
        return self._compute("schedule", lambda: self._facts.spans.schedule)

    @cached_property
    def sensitivities(self) -> tuple[Sensitivity, ...]:
        """Which operations pay when they get faster, most first."""
        schedule = self.schedule
        return self._compute("sensitivities", lambda: tuple(sensitivities(self.trace, schedule)))

    def what_if(self, *changes: Change | str) -> Prediction:
        """The run with other durations, as in `insights.what_if("search=2x", "submit=-300ms")`.

        Those of one operation apply one after the other, in the order given. What is no change is an `InvalidChange`, a name that nothing
        has a `NoSuchOperation`.
        """
        schedule = self.schedule
        return self._compute("what_if", lambda: what_if(self.trace, changes, schedule))

    @cached_property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls that were executed, by start."""
        self._require("tool_calls", wanted=self.parts.tool_calls)
        return self._compute("tool_calls", lambda: self._facts.tool_calls)

    @cached_property
    def asked_calls(self) -> tuple[AskedCall, ...]:
        """The calls that models asked for, in order, each with its execution if there was one."""
        self._require("tool_calls", wanted=self.parts.tool_calls)
        return self._compute("asked_calls", lambda: self._facts.asked_calls)

    @cached_property
    def call_analysis(self) -> CallAnalysis:
        return CallAnalysis.of(self.tool_calls)

    @cached_property
    def model_calls(self) -> tuple[ModelCall, ...]:
        return self._compute("model_calls", lambda: self._facts.model_calls)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Most severe first. When the time was over before every rule was asked, those of the others; `missing` has the codes of the rest."""
        rules = self._rules if self.parts.bottlenecks else without_lost_time(self._rules)
        found, self.unasked = self._compute("findings", lambda: find_in_time(self._facts, rules, self._budget))
        for code in self.unasked:
            self._miss(code)
        return found

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """What the run did again and again, side by side or in vain."""
        found = self.findings
        return self._compute("patterns", lambda: patterns_of(self._shares, found))

    @cached_property
    def performance(self) -> Performance:
        """What the run spent its time on; without bottlenecks where these are switched off."""
        self._require("performance", wanted=self.parts.performance)
        paying, has_bottlenecks = self.sensitivities, self.parts.bottlenecks
        return self._compute(
            "performance", lambda: performance_of(self._facts, paying, has_bottlenecks=has_bottlenecks)
        )

    @cached_property
    def recommendations(self) -> tuple[Recommendation, ...]:
        """What to do about the findings, what pays most first."""
        found = self.findings
        return self._compute("recommendations", lambda: recommendations_of(self._shares, found))

    @cached_property
    def confidence_score(self) -> float:
        """How much of what is said about the run should hold, between 0 and 1."""
        found = self.findings
        return self._compute("confidence_score", lambda: confidence_score(self._facts, found))

    @cached_property
    def analysis(self) -> FlowAnalysis:
        """Patterns, performance and recommendations together, and how sure all of it is; without what was not ready in time."""
        late: list[str] = []

        def in_time(part: str, read: Callable[[], Part], instead: Instead) -> Part | Instead:
            try:
                return read()
            except ProcessingTimedOut:
                late.append(part)
                return instead

        # It needs no findings, so it is there also where the rules take all the time that is left.
        performance = in_time("performance", lambda: self.performance if self.parts.performance else None, None)
        patterns = in_time("patterns", lambda: self.patterns, ())
        recommendations = in_time("recommendations", lambda: self.recommendations, ())
        score = in_time("confidence_score", lambda: self.confidence_score, 0.0)
        missing = (*late, *self.unasked)
        return FlowAnalysis(
            patterns=patterns,
            performance=performance,
            recommendations=recommendations,
            confidence_score=score,
            is_partial=bool(missing),
            missing=missing,
        )

    @cached_property
    def diagram(self) -> str:
        """The run as a Mermaid flowchart."""
        self._require("diagram", wanted=self.parts.diagram)
        try:
            return self._in_time("diagram", lambda: self._draw(self._facts.trace, self._facts.spans))
        except TraceError:
            raise
        except Exception as cause:
            raise MermaidGenerationFailed(self.trace.trace_id, f"drawing it failed ({cause!r})") from cause

    def _require(self, part: str, *, wanted: bool) -> None:
        if not wanted:
            raise PartSwitchedOff(part)

    def _compute(self, part: str, compute: Callable[[], Part]) -> Part:
        try:
            return self._in_time(part, compute)
        except TraceError:
            raise
        except Exception as cause:
            raise ProcessingFailed(self.trace.trace_id, part) from cause

    def _in_time(self, part: str, compute: Callable[[], Part]) -> Part:
        try:
            self._budget.check(self.trace.trace_id)
            return compute()
        except ProcessingTimedOut:
            self._miss(part)
            raise

    def _miss(self, what: str) -> None:
        if what not in self.missing:
            self.missing = (*self.missing, what)
