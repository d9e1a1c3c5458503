"""`reev-flow compare`, as installed."""

import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from support.command import recorded, reev_flow

CLEAN, FAULTY = recorded("pydantic_ai_clean"), recorded("pydantic_ai_faulty")
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "comparison.schema.json").read_text(encoding="utf-8")
)


def one_line(text: str) -> bool:
    return text.count("\n") == 1 and text.startswith("reev-flow: ")


def trace_id_of(path: Path) -> str:
    trace_id: str = json.loads(reev_flow("analyze", path, "--json").out)["runs"][0]["run"]["trace_id"]
    return trace_id


def test_two_files_are_compared_and_differing_is_no_failure():
    done = reev_flow("compare", CLEAN, FAULTY)
    assert (done.code, done.err) == (0, "")
    assert "First divergence" in done.out
    assert "RF201" in done.out


@pytest.mark.parametrize(
    "name", ["langgraph_fan_out", "openai_agents_faulty", "smolagents_clean", "pydantic_ai_polling"]
)
def test_a_run_beside_itself_shows_no_difference_and_keeps_every_limit(name: str):
    limits = "slower,tokens,diverged,failed,findings"
    done = reev_flow("compare", recorded(name), recorded(name), "--fail-on", limits)
    assert (done.code, done.err) == (0, "")
    assert "none: both did the same" in done.out


def test_a_limit_that_is_not_kept_exits_with_one_and_says_by_how_much():
    done = reev_flow("compare", CLEAN, FAULTY, "--fail-on", "slower=10%,failed")
    assert done.code == 1
    assert "--fail-on slower=10%: " in done.out
    assert "--fail-on failed: " in done.out


def test_limits_that_are_kept_exit_with_zero():
    assert reev_flow("compare", FAULTY, CLEAN, "--fail-on", "slower=10%", "--fail-on", "failed").code == 0


def test_the_document_follows_its_schema_and_adds_up():
    done = reev_flow("compare", CLEAN, FAULTY, "--fail-on", "diverged", "--json")
    told = json.loads(done.out)
    comparison = told["comparison"]
    jsonschema.validate(comparison, SCHEMA)
    assert (done.code, len(told["exceeded"]), told["problems"]) == (1, 1, [])
    assert told["a_source"] == str(CLEAN)
    parts = [*(step["difference"] for step in comparison["steps"]), comparison["outside_difference"]]
    assert sum(part["duration_ns"] for part in parts) == comparison["difference"]["duration_ns"]
    assert sum(part["tokens"]["input"] for part in parts) == comparison["difference"]["tokens"]["input"]


def test_runs_of_the_store_are_named_by_the_beginning_of_their_id(tmp_path: Path):
    reev_flow("import", CLEAN, FAULTY, "--store", tmp_path)
    ids = trace_id_of(CLEAN)[:12], trace_id_of(FAULTY)[:12]
    done = reev_flow("compare", *ids, "--store", tmp_path, "--fail-on", "diverged")
    assert (done.code, done.err) == (1, "")


def test_a_file_and_a_run_of_the_store_may_be_mixed(tmp_path: Path):
    reev_flow("import", CLEAN, "--store", tmp_path)
    done = reev_flow("compare", trace_id_of(CLEAN), CLEAN, "--store", tmp_path, "--fail-on", "diverged,slower,tokens")
    assert (done.code, done.err) == (0, "")


def test_a_run_may_come_from_standard_input():
    done = reev_flow("compare", "-", CLEAN, "--fail-on", "diverged", stdin=CLEAN.read_bytes())
    assert (done.code, done.err) == (0, "")


def test_both_runs_cannot_come_from_standard_input():
    done = reev_flow("compare", "-", "-", stdin=CLEAN.read_bytes())
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert "only once" in done.err


def test_of_a_file_with_several_runs_one_has_to_be_chosen(tmp_path: Path):
    both = tmp_path / "both.jsonl"
    both.write_bytes(CLEAN.read_bytes() + FAULTY.read_bytes())
    done = reev_flow("compare", both, both)
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert "--run-a" in done.err
    chosen = reev_flow(
        "compare",
        both,
        both,
        "--run-a",
        trace_id_of(CLEAN)[:8],
        "--run-b",
        trace_id_of(FAULTY)[:8],
        "--fail-on",
        "diverged",
    )
    assert (chosen.code, chosen.err) == (1, "")


def test_cost_is_compared_by_the_prices_of_the_settings(tmp_path: Path):
    prices = '[prices."gpt-4.1-mini"]\ninput = 0.4\noutput = 1.6\n'
    (tmp_path / "reev-flow.toml").write_text(prices, encoding="utf-8")
    done = reev_flow("compare", CLEAN, FAULTY, "--fail-on", "dearer=5%", "--json", cwd=tmp_path)
    comparison = json.loads(done.out)["comparison"]
    parts = [*(step["difference"] for step in comparison["steps"]), comparison["outside_difference"]]
    assert done.code == 1
    assert (
        sum(Decimal(part["cost"]) for part in parts)
        == Decimal(comparison["difference"]["cost"])
        == Decimal("0.0004432")
    )


def test_cost_cannot_be_limited_without_prices(tmp_path: Path):
    done = reev_flow("compare", CLEAN, FAULTY, "--fail-on", "dearer=5%", cwd=tmp_path)
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert "prices" in done.err


@pytest.mark.parametrize("arguments", [("no-such-run", CLEAN), (CLEAN, "no-such-run")])
def test_a_run_that_is_neither_a_file_nor_in_the_store_is_named(arguments: tuple[str, Path], tmp_path: Path):
    done = reev_flow("compare", *arguments, "--store", tmp_path)
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert "no-such-run" in done.err


def test_an_unknown_run_of_a_file_is_named():
    done = reev_flow("compare", CLEAN, FAULTY, "--run-b", "ffffffff")
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert "'ffffffff'" in done.err


@pytest.mark.parametrize(
    "arguments",
    [(), (CLEAN,), (CLEAN, FAULTY, CLEAN), (CLEAN, FAULTY, "--no-such-option"), (CLEAN, FAULTY, "--steps", "-1")],
)
def test_wrong_arguments_are_refused_in_one_line(arguments: tuple[str | Path, ...]):
    done = reev_flow("compare", *arguments)
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)


@pytest.mark.parametrize("limit", ["quicker=3%", "slower=fast", "tokens=5ms"])
def test_a_limit_that_is_none_is_refused_with_those_there_are(limit: str):
    done = reev_flow("compare", CLEAN, FAULTY, "--fail-on", limit)
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert "slower=10%" in done.err


def test_an_input_that_could_not_be_read_whole_is_no_success(tmp_path: Path):
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(CLEAN.read_bytes() + CLEAN.read_bytes()[:100])
    done = reev_flow("compare", CLEAN, cut)
    assert done.code == 2
    assert "First divergence" in done.out


def test_a_locale_without_unicode_gets_ascii():
    done = reev_flow("compare", CLEAN, FAULTY, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.out.isascii()


def test_a_rule_that_the_settings_switch_off_is_not_asked(tmp_path: Path):
    (tmp_path / "reev-flow.toml").write_text("[check.rules.RF201]\nenabled = false\n")
    done = reev_flow("compare", CLEAN, FAULTY, "--json", cwd=tmp_path)
    codes = {finding["code"] for finding in json.loads(done.out)["comparison"]["appeared_findings"]}
    assert codes
    assert "RF201" not in codes


def test_findings_there_was_no_time_to_look_for_are_named_and_no_success():
    done = reev_flow("compare", CLEAN, FAULTY, "--json", REEV_TRACE_PROCESSING_TIMEOUT_MS="1")
    missing = json.loads(done.out)["comparison"]["missing_findings"]
    assert done.code == (2 if missing else 0)


def test_a_finding_that_the_settings_ignore_is_no_new_one(tmp_path: Path):
    (tmp_path / "reev-flow.toml").write_text(
        '[check]\nselect = ["RF201"]\n[[check.ignores]]\ncode = "RF201"\nreason = "known"\n'
    )
    done = reev_flow("compare", CLEAN, FAULTY, "--fail-on", "findings", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
