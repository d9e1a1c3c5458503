"""What the rules find in the recorded runs, of which it is known what went wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from reev_flow.analysis.findings import Finding
from reev_flow.analysis.rules.rulebook import find
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.pipeline import read_traces
from support.samples import RECORDED

TRUTH: dict[str, dict[str, Any]] = json.loads((RECORDED / "truth.json").read_text(encoding="utf-8"))

CODES = {
    "same_call_repeated_3_times": "RF101",
    "one_slow_tool": "RF106",
    "rate_limited_429": "RF203",
    "unauthorized_401": "RF204",
    "forbidden_403": "RF204",
    "not_found_404": "RF205",
    "unavailable_503": "RF206",
    "timeout": "RF207",
    "ended_without_answer": "RF210",
    "unavailable_503_then_ok": None,  # one retry that succeeded
}
NOT_FAILURES_OF_TOOLS = {
    "same_call_repeated_3_times",
    "one_slow_tool",
    "ended_without_answer",
    "unavailable_503_then_ok",
}


# What is also true of a run because of how the fault showed.
BESIDES = {
    "pydantic_ai_error_text": {("RF202", "")},  # the tool told of it in an ordinary result
    "logfire_broken_off": {("RF209", "")},  # it went up to the run
    "ioa_observe_clean": {
        ("RF105", "search_flights")
    },  # one turn asked for two slow calls, which ran one after the other
}


def expected(faults: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Code and tool of everything that should be found."""
    found: set[tuple[str, str]] = set()
    for fault in faults:
        code = CODES[fault["kind"]]
        if code and fault["cause_visible_in_trace"]:
            found.add((code, fault["tool"]))
        if fault["kind"] not in NOT_FAILURES_OF_TOOLS and not fault["told_in_answer"]:
            found.add(("RF201", fault["tool"]))
    return found


def findings_in(name: str) -> list[Finding]:
    traces = read_traces(RECORDED / f"{name}.otlp.jsonl")
    return [finding for trace in traces for finding in find(RunFacts(trace))]


@pytest.mark.parametrize("name", TRUTH)
def test_exactly_what_went_wrong_is_found(name: str):
    wanted = expected(TRUTH[name]["faults"]) | BESIDES.get(name, set())
    found = findings_in(name)
    assert sorted(finding.code for finding in found) == sorted(code for code, _ in wanted)
    for code, tool in wanted:
        assert any(finding.code == code and tool in finding.message for finding in found)


def test_every_recorded_run_is_known():
    names = {path.name.removesuffix(".otlp.jsonl") for path in Path(RECORDED).glob("*.otlp.jsonl")}
    assert names == set(TRUTH)
