"""`reev-flow analyze --what-if`, as installed."""

import json
from pathlib import Path

import jsonschema
import pytest

from support.command import recorded, reev_flow

TRACE = recorded("langgraph_clean")
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "what-if.schema.json").read_text(encoding="utf-8")
)


def test_a_run_is_foretold_with_what_it_took_and_what_pays_most():
    done = reev_flow("analyze", TRACE, "--what-if", "convert_currency=2x")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[2:] == [
        "with        convert_currency=2x (1 span)",
        "took        637 ms",
        "would take  597 ms",
        "difference  39.5 ms shorter (6%)",
        "based on    times alone: nobody recorded who waited for whom",
        "",
        "What pays most",
        "operation                calls    total  waited for      own  saved per ms",
        "gpt-4.1-mini-2025-04-14      3   302 ms      302 ms   302 ms       1.00 ms",
        "search_flights               1   232 ms      232 ms   232 ms       1.00 ms",
        "convert_currency             1  79.0 ms     79.0 ms  79.0 ms       1.00 ms",
    ]


def test_several_changes_come_together_and_what_may_flip_is_said():
    done = reev_flow("analyze", TRACE, "--what-if", "search_flights=0", "--what-if", "get_weather=+1s")
    assert "with        search_flights=0, get_weather=+1s (2 spans)" in done.out
    assert "longer" in done.out
    assert "It could come otherwise" in reev_flow("analyze", TRACE, "--what-if", "search_flights=0").out


def test_programs_read_the_same_as_json():
    done = reev_flow("analyze", TRACE, "--what-if", "convert_currency=-10ms", "--json")
    (run,) = json.loads(done.out)["runs"]
    jsonschema.validate({name: value for name, value in run.items() if name != "source"}, SCHEMA)
    assert run["before_ns"] - run["predicted_ns"] == run["saved_ns"] == 10_000_000
    assert run["changes"] == [{"name": "convert_currency", "speed": 1.0, "added_ns": -10_000_000, "set_ns": None}]
    assert [one["label"] for one in run["pays_most"]][1] == "search_flights"
    assert run["warnings"] == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("convert_curency=2x", "nothing in the run is called 'convert_curency'; did you mean 'convert_currency'?"),
        ("convert_currency", "cannot change 'convert_currency': it has no name and amount"),
        ("convert_currency=fast", "'fast' is no amount"),
    ],
)
def test_what_cannot_be_foretold_is_refused_in_a_line(change: str, why: str):
    done = reev_flow("analyze", TRACE, "--what-if", change)
    assert (done.code, done.out) == (2, "")
    assert why in done.err


def test_a_run_that_lacks_the_operation_says_so_among_others_that_have_it():
    done = reev_flow("analyze", TRACE, recorded("pydantic_ai_clean"), "--what-if", "tools_condition=0")
    assert done.code == 0
    assert "not told  nothing in the run is called 'tools_condition'" in done.out
