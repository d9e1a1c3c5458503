"""Spans to insights, on one page."""

import math
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from typing import BinaryIO

from reev_flow.analysis.calls.prices import NO_PRICES, Prices
from reev_flow.analysis.findings import Rule
from reev_flow.analysis.insights import ALL_PARTS, FlowInsights, Parts
from reev_flow.analysis.rules.rulebook import choose_rules
from reev_flow.analysis.rules.wishes import RuleWish
from reev_flow.analysis.time_budget import TimeBudget
from reev_flow.collect.assemble import assemble
from reev_flow.collect.files import read_spans
from reev_flow.errors import InvalidFormat
from reev_flow.render.mermaid import MOST_EDGES, MermaidGenerator
from reev_flow.render.mermaid_text import LARGEST_TEXT
from reev_flow.trace.trace import Trace


class TraceProcessor:
    """Turns traces into insights.

    `select` and `ignore` are the beginnings of finding codes; one that no rule has is an `UnknownCode`, and so is the code of a wish.
    `max_edges` and `max_text` are what a diagram may have. What is not worked out within `timeout_ms` of the first part of a run that is
    read raises `ProcessingTimedOut`; the insights of that run are partial then.
    """

    def __init__(  # noqa: PLR0913 - keywords, each with a default
        self,
        *,
        parts: Parts = ALL_PARTS,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        wishes: Sequence[RuleWish] = (),
        max_edges: int = MOST_EDGES,
        max_text: int = LARGEST_TEXT,
        prices: Prices = NO_PRICES,
        timeout_ms: float | None = None,
    ) -> None:
        if timeout_ms is not None and not 0 <= timeout_ms < math.inf:
            raise ValueError(f"timeout_ms is {timeout_ms}; give milliseconds, 0 or more, or None for no limit")
        self.parts = parts
        self.prices = prices
        self.timeout_ms = timeout_ms
        self.rules = choose_rules(select, ignore, wishes)
        self.generator = MermaidGenerator(max_edges=max_edges, max_text=max_text)

    def asking(self, rules: Sequence[Rule]) -> "TraceProcessor":
        """The same, but these rules are asked."""
        other = copy(self)
        other.rules = tuple(rules)
        return other

    def process_trace(self, trace: Trace | Callable[[], Trace]) -> FlowInsights:
        """Costs nothing yet: each part of the insights is computed when first read."""
        return FlowInsights(
            trace,
            draw=self.generator.generate,
            rules=self.rules,
            parts=self.parts,
            prices=self.prices,
            budget=TimeBudget(self.timeout_ms),
        )


def read_traces(
    *paths: str | Path,
    on_problem: Callable[[InvalidFormat], None] | None = None,
    stdin: BinaryIO | None = None,
    adjust_clocks: bool = False,
) -> list[Trace]:
    """The runs in trace files, in folders of them, and in `-` (standard input), by start.

    What cannot be read is told to `on_problem`, and the rest is read all the same; without `on_problem` it is raised. With `adjust_clocks`
    what was timed by a clock that was off is moved so that it fits.
    """
    spans = read_spans([str(path) for path in paths], on_problem=on_problem or _refuse, stdin=stdin)
    return assemble(spans, adjust_clocks=adjust_clocks)


def _refuse(problem: InvalidFormat) -> None:
    raise problem
