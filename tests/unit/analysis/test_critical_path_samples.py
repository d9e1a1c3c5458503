"""The critical path on the cases by which other tools define theirs, where those are at hand."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reev_flow.analysis.path.critical_path import critical_path_of
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import Span, SpanKind
from reev_flow.trace.trace import Trace
from support.samples import needs_samples, sample_files

pytestmark = needs_samples

# Where we differ on purpose, and why.
DIFFERENT_TIMES = {
    "crisp/10": (
        "three children overlap by 1 of 1,000 each; CRISP takes overlaps that small for clock error and counts every child whole, so "
        "that more time is explained than passed; our parts sum exactly, and a child that ran beside a later one is not waited for"
    ),
}


def load(path: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return cases


CASES = [case for path in sample_files("critical_path") for case in load(path)]


def names(cases: list[dict[str, Any]]) -> list[str]:
    return [case["name"] for case in cases]


def build(case: dict[str, Any]) -> Trace:
    return assemble_one(
        [
            Span(
                trace_id="t",
                span_id=given["id"],
                parent_id=given["parent"],
                name=given["name"],
                start_ns=given["start"],
                end_ns=given["end"],
                kind=SpanKind(given["kind"].lower()),
            )
            for given in case["spans"]
        ]
    )


def sections(trace: Trace) -> list[list[object]]:
    """The latest first, as these cases are written."""
    path = critical_path_of(trace, 0)
    return [[trace.spans[piece.position].span_id, piece.start_ns, piece.end_ns] for piece in reversed(path)]


JAEGER_CASES = [case for case in CASES if "expected_sections" in case or "jaeger_sections" in case]
CRISP_CASES = [case for case in CASES if "expected_exclusive_by_op" in case]


@pytest.mark.parametrize("case", JAEGER_CASES, ids=names(JAEGER_CASES))
def test_the_path_of_the_root_is_the_one_jaeger_draws(case: dict[str, Any]):
    assert sections(build(case)) == case.get("expected_sections", case.get("jaeger_sections"))


@pytest.mark.parametrize("case", CRISP_CASES, ids=names(CRISP_CASES))
def test_each_operation_owns_what_crisp_says_or_the_difference_is_explained(case: dict[str, Any]):
    owned: Counter[str] = Counter()
    trace = build(case)
    labels = {given["id"]: f"[{given['service']}] {given['name']}" for given in case["spans"]}
    for piece in critical_path_of(trace, 0):
        owned[labels[trace.spans[piece.position].span_id]] += piece.duration_ns
    wanted = Counter({label: time for label, time in case["expected_exclusive_by_op"].items() if time})
    assert (owned == wanted) is (case["name"] not in DIFFERENT_TIMES)


@pytest.mark.parametrize("case", CASES, ids=names(CASES))
def test_the_parts_sum_to_the_root_exactly(case: dict[str, Any]):
    trace = build(case)
    assert sum(piece.duration_ns for piece in critical_path_of(trace, 0)) == trace.spans[0].duration_ns
