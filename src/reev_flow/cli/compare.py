"""`reev-flow compare`: one run beside another, and an exit code for CI."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter, validators

from reev_flow.analysis.comparison.amounts import CostOf
from reev_flow.analysis.comparison.compare import Comparison, compare_runs
from reev_flow.cli import EXIT_FOUND, EXIT_UNUSABLE
from reev_flow.cli.asked_rules import asked_rules, ignores_in_force
from reev_flow.cli.compare_limits import exceeded, limits_of
from reev_flow.cli.inputs import Reading, read_runs, rules_for
from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AdjustClocks, AsJson, Store
from reev_flow.cli.output import write_text
from reev_flow.collect.inputs import STDIN
from reev_flow.errors import ReevFlowError
from reev_flow.render.comparison_document import comparison_document
from reev_flow.render.comparison_text import DEFAULT_STEPS, comparison_text
from reev_flow.render.terminal_options import options_for
from reev_flow.settings import Settings, current_settings
from reev_flow.trace.trace import Trace

Run = Annotated[  # a hyphen is let through for `-`
    str,
    Parameter(
        allow_leading_hyphen=True,
        help="A trace file, a folder of them, - for standard input, or the id of a session or run in the store.",
    ),
]
RunOfA = Annotated[str | None, Parameter(help="Of the runs in A, the one whose id starts with this.")]
RunOfB = Annotated[str | None, Parameter(help="Of the runs in B, the one whose id starts with this.")]
FailOn = Annotated[
    list[str],
    Parameter(
        help="Exit with 1 if B is slower=10% (or 300ms), dearer=5% (or 0.02 dollars) or takes more tokens=10% (or 500) than A, "
        "diverged, failed, or has new findings; more than once, or by commas."
    ),
]
Steps = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=0),
        help="The most steps a table tells one by one; the rest is one line; 0 for no limit.",
    ),
]


class SeveralRuns(ReevFlowError):
    """A source holds more than one run, and it is not said which is meant."""

    def __init__(self, source: str, option: str, trace_ids: Sequence[str]) -> None:
        super().__init__(source, option, trace_ids)
        self.source = source
        self.option = option
        self.trace_ids = trace_ids

    def __str__(self) -> str:
        shown = ", ".join(trace_id[:12] for trace_id in self.trace_ids[:3]) + (", …" if len(self.trace_ids) > 3 else "")
        return f"{self.source} holds {len(self.trace_ids)} runs ({shown}); choose one with {self.option} and the start of its id"


class StandardInputTwice(ReevFlowError):
    """Both runs are to come from standard input."""

    def __str__(self) -> str:
        return "standard input can be read only once; put one of the runs into a file"


def compare(  # noqa: PLR0913 - options that are all given by name
    a: Run,
    b: Run,
    /,
    *,
    run_a: RunOfA = None,
    run_b: RunOfB = None,
    fail_on: FailOn | None = None,
    steps: Steps = DEFAULT_STEPS,
    adjust_clocks: AdjustClocks = False,
    store: Store = None,
    json: AsJson = False,
) -> int:
    """Lay run B beside run A: where they parted first, and which steps the difference in time and tokens is made of.

    Exits with 1 when B does not keep to --fail-on, with 2 when an input could not be read or checked whole.
    """
    limits = limits_of(fail_on or ())
    if a == b == STDIN:
        raise StandardInputTwice
    settings = current_settings()
    rules, ignores = asked_rules(settings), ignores_in_force(settings)
    readings = [
        read_runs([source], run, store=store, adjust_clocks=adjust_clocks) for source, run in ((a, run_a), (b, run_b))
    ]
    if not all(reading.traces for reading in readings):
        return EXIT_UNUSABLE
    chosen = [_only(reading, *named) for reading, named in zip(readings, ((a, "--run-a"), (b, "--run-b")), strict=True)]
    timeout_ms = settings.number("traces.processing_timeout_ms")
    rules = rules_for(rules, *readings)
    comparison = compare_runs(*chosen, cost_of=_prices(settings), rules=rules, ignores=ignores, timeout_ms=timeout_ms)
    reasons = exceeded(comparison, limits)
    if json:
        _write_json(comparison, readings, reasons)
    else:
        options = options_for(sys.stdout, os.environ)
        write_text(comparison_text(comparison, options, steps=steps or None, verdict=reasons))
    if comparison.findings.missing or any(reading.problems for reading in readings):
        return EXIT_UNUSABLE
    return EXIT_FOUND if reasons else 0


def _only(reading: Reading, source: str, option: str) -> Trace:
    if len(reading.traces) > 1:
        raise SeveralRuns(source, option, [trace.trace_id for trace in reading.traces])
    return reading.traces[0]


def _prices(settings: Settings) -> CostOf | None:
    """None when the settings have no price at all, so that nothing is said of cost."""
    return settings.prices().cost_of if settings.in_use["prices"].value else None


def _write_json(comparison: Comparison, readings: Sequence[Reading], reasons: Sequence[str]) -> None:
    traces = comparison.a.trace, comparison.b.trace
    sources = [reading.source_of[trace.trace_id] for reading, trace in zip(readings, traces, strict=True)]
    write_document(
        a_source=sources[0],
        b_source=sources[1],
        exceeded=list(reasons),
        comparison=comparison_document(comparison),
        problems=[
            {"source": problem.source, "line": problem.line, "details": problem.details, "advice": problem.advice}
            for reading in readings
            for problem in reading.problems
        ],
    )
