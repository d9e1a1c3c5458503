"""`--adjust-clocks`: what was timed by a clock that was off is moved when that is asked for, and not before."""

import json
from pathlib import Path
from typing import Any

import pytest

from reev_flow.pipeline import read_traces
from support import otlp
from support.command import reev_flow

AHEAD_NS = 3_600_000_000_000
CALL, SERVED = "c1" * 8, "d1" * 8


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A shop calls a bank, whose clock is an hour ahead."""
    start = otlp.START_NS + otlp.MS + AHEAD_NS
    times = {"startTimeUnixNano": str(start), "endTimeUnixNano": str(start + 3 * otlp.MS)}
    call = otlp.request(otlp.span(spanId=CALL, kind=3, name="GET /rate"), service="shop")
    served = otlp.request(otlp.span(spanId=SERVED, parentSpanId=CALL, kind=2, name="rate", **times), service="bank")
    path = tmp_path / "run.jsonl"
    path.write_bytes(otlp.line(call) + otlp.line(served))
    return path


def document(*arguments: str | Path) -> dict[str, Any]:
    (run,) = json.loads(reev_flow(*arguments, "--json").out)["runs"]
    told: dict[str, Any] = run
    return told


@pytest.mark.parametrize("command", [("analyze",), ("runs", "show")])
def test_a_clock_that_is_off_is_told_and_nothing_is_moved(command: tuple[str, ...], file: Path):
    run = document(*command, file)
    (problem,) = [one for one in run["problems"] if one["flag"] == "clock_skew"]

    assert (problem["service"], problem["shift_ns"]) == ("bank", -AHEAD_NS)
    assert run["run"]["duration_ns"] > AHEAD_NS


@pytest.mark.parametrize("command", [("analyze",), ("runs", "show")])
def test_what_it_timed_is_moved_when_asked_for(command: tuple[str, ...], file: Path):
    run = document(*command, file, "--adjust-clocks")

    assert [one["flag"] for one in run["problems"]] == ["clock_skew"]
    assert (run["run"]["duration_ns"], run["spans"][1]["start_ns"]) == (5 * otlp.MS, otlp.MS)


def test_diagrams_take_the_option_too(file: Path):
    assert reev_flow("diagram", file, "--adjust-clocks").code == 0


def test_so_does_python(file: Path):
    (as_it_is,), (adjusted,) = read_traces(file), read_traces(file, adjust_clocks=True)

    assert (as_it_is.duration_ns > AHEAD_NS, adjusted.duration_ns) == (True, 5 * otlp.MS)
