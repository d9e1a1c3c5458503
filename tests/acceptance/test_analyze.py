"""`reev-flow analyze` and `runs`, as installed."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support.command import recorded, reev_flow
from support.samples import recorded_files, sample_files

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "document.schema.json").read_text(encoding="utf-8")
)
TRUTH = json.loads((Path(__file__).parents[1] / "recorded" / "truth.json").read_text(encoding="utf-8"))


def documents(path: Path) -> list[dict[str, Any]]:
    done = reev_flow("analyze", path, "--json")
    assert (done.code, done.err) == (0, "")
    runs: list[dict[str, Any]] = json.loads(done.out)["runs"]
    return runs


@pytest.mark.parametrize(
    "path",
    [*recorded_files("*.otlp.jsonl"), *sample_files("traces"), *sample_files("hostile")],
    ids=lambda path: path.name,
)
def test_every_document_fits_the_published_schema_and_its_path_sums(path: Path):
    for run in documents(path):
        source = run.pop("source")
        assert source == str(path)
        Draft202012Validator(SCHEMA).validate(run)
        assert sum(segment["duration_ns"] for segment in run["critical_path"]) == run["run"]["duration_ns"]


@pytest.mark.parametrize(
    "name", sorted(name for name, truth in TRUTH.items() if truth.get("model_calls_are_traced", True))
)
def test_a_recorded_run_adds_up_to_what_was_acted(name: str):
    truth = TRUTH[name]
    runs = documents(recorded(name))
    assert len(runs) == truth["traces"]
    assert sum(run["metrics"]["model_calls"] for run in runs) == truth["llm_calls"]
    assert sum(run["metrics"]["usage"]["input"] for run in runs) == truth["input_tokens"]
    assert sum(run["metrics"]["usage"]["output"] for run in runs) == truth["output_tokens"]


@pytest.mark.parametrize(
    "name", sorted(name for name, truth in TRUTH.items() if not truth.get("model_calls_are_traced", True))
)
def test_model_calls_that_were_not_traced_are_not_made_up(name: str):
    runs = documents(recorded(name))
    assert len(runs) == TRUTH[name]["traces"]
    assert all(run["metrics"]["model_calls"] == 0 for run in runs)
    assert not any(any(run["metrics"]["usage"].values()) for run in runs)


def test_a_run_is_chosen_by_the_beginning_of_its_id():
    first, second = documents(recorded("pydantic_ai_conversation"))
    done = reev_flow("analyze", recorded("pydantic_ai_conversation"), "--run", second["run"]["trace_id"][:8], "--json")
    assert [run["run"]["trace_id"] for run in json.loads(done.out)["runs"]] == [second["run"]["trace_id"]]
    assert first["run"]["trace_id"] != second["run"]["trace_id"]


def test_a_part_that_is_switched_off_is_null_in_the_document():
    done = reev_flow("analyze", recorded("demo"), "--json", REEV_METRICS_COLLECTION="off")
    (run,) = json.loads(done.out)["runs"]
    assert (run["metrics"], run["unavailable"]["metrics"]) == (None, "switched off")


@pytest.mark.parametrize("width", ["24", "40", "80", "200"])
def test_no_line_is_wider_than_the_terminal(width: str):
    done = reev_flow("analyze", recorded("demo"), COLUMNS=width)
    assert max(map(len, done.out.splitlines())) <= int(width)


def test_nothing_but_ascii_is_written_where_the_locale_has_no_more():
    done = reev_flow("analyze", recorded("demo"), PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.code == 0
    assert done.out.isascii()


def test_runs_are_listed_a_line_each():
    done = reev_flow("runs", "list", recorded("pydantic_ai_conversation"), recorded("demo"))
    assert done.code == 0
    assert done.out.startswith("run ")
    assert len(done.out.splitlines()) == 4


def test_a_run_is_shown_as_its_tree():
    done = reev_flow("runs", "show", recorded("pydantic_ai_clean"))
    assert done.code == 0
    assert "tool search_flights" in done.out


def test_the_settings_are_shown_with_their_source():
    done = reev_flow("config", REEV_TOOL_CALL_EXTRACTION="no")
    assert "insights.tool_calls = false  (REEV_TOOL_CALL_EXTRACTION)" in done.out
    assert "insights.metrics = true  (default)" in done.out


def test_without_performance_no_times_are_worked_out():
    done = reev_flow("analyze", recorded("pydantic_ai_clean"), "--json", REEV_PERFORMANCE_ANALYSIS="false")
    (run,) = json.loads(done.out)["runs"]
    assert (run["critical_path"], run["unavailable"]["critical_path"]) == (None, "switched off")


def test_a_document_that_the_time_did_not_suffice_for_says_what_is_missing():
    done = reev_flow("analyze", recorded("pydantic_ai_clean"), "--json", REEV_TRACE_PROCESSING_TIMEOUT_MS="1")
    (run,) = json.loads(done.out)["runs"]
    assert run["is_partial"] == bool(run["missing"])
