"""`reev-flow check`, as installed."""

import json
from pathlib import Path

import pytest

from support.command import recorded, reev_flow


@pytest.mark.parametrize(
    ("trace", "codes"),
    [
        ("pydantic_ai_clean", set()),
        ("openai_agents_clean", set()),
        ("langgraph_clean", set()),
        ("genai_openai_clean", set()),
        ("smolagents_clean", set()),
        ("openai_agents_pagination", set()),
        ("pydantic_ai_polling", set()),
        ("langgraph_fan_out", set()),
        ("langgraph_retried", set()),
        ("pydantic_ai_faulty", {"RF101", "RF201", "RF203"}),
        ("openai_agents_faulty", {"RF101", "RF201", "RF203"}),
        ("langgraph_faulty", {"RF101", "RF201", "RF203"}),
        ("genai_openai_faulty", {"RF101", "RF201", "RF203"}),
        ("openai_agents_hidden_error", {"RF101", "RF201"}),
        ("openai_agents_forbidden", {"RF204"}),
        ("pydantic_ai_unauthorized", {"RF204"}),
        ("langgraph_not_found", {"RF205"}),
        ("openai_agents_unavailable", {"RF206"}),
        ("langgraph_timeout", {"RF207"}),
        ("openai_agents_no_answer", {"RF210"}),
        ("pydantic_ai_no_answer", {"RF210"}),
        ("langgraph_no_answer", {"RF210"}),
    ],
)
def test_a_recorded_run_has_exactly_the_faults_that_were_acted(trace: str, codes: set[str]):
    done = reev_flow("check", recorded(trace), "--json")
    found = {finding["code"] for run in json.loads(done.out)["runs"] for finding in run["findings"]}
    assert found == codes


def test_a_clean_run_exits_with_zero_and_says_so():
    done = reev_flow("check", recorded("pydantic_ai_clean"))
    assert (done.code, done.out, done.err) == (0, "1 run checked, nothing found\n", "")


def test_a_finding_exits_with_one_and_names_its_proof():
    done = reev_flow("check", recorded("langgraph_not_found"))
    assert done.code == 1
    assert "RF205 warning" in done.out
    assert "confidence 0.90, spans " in done.out


def test_findings_below_the_asked_severity_do_not_fail():
    assert reev_flow("check", recorded("langgraph_not_found"), "--fail-on", "error").code == 0


def test_never_failing_can_be_asked_for():
    assert reev_flow("check", recorded("pydantic_ai_faulty"), "--fail-on", "never").code == 0


def test_only_selected_codes_are_asked():
    done = reev_flow("check", recorded("pydantic_ai_faulty"), "--select", "RF1", "--json")
    assert [finding["code"] for finding in json.loads(done.out)["runs"][0]["findings"]] == ["RF101"]


def test_ignored_codes_are_not_asked():
    done = reev_flow("check", recorded("pydantic_ai_faulty"), "--ignore", "RF2,RF101")
    assert (done.code, done.out) == (0, "1 run checked, nothing found\n")


def test_an_unknown_code_is_refused_in_one_line_that_lists_the_known_ones():
    done = reev_flow("check", recorded("pydantic_ai_clean"), "--select", "RF999")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "RF999" in done.err
    assert "RF101" in done.err


def test_bad_files_are_named_and_the_good_ones_still_done(tmp_path: Path):
    bad = tmp_path / "bad.json"
    bad.write_text("not a trace")
    done = reev_flow("check", bad, recorded("langgraph_not_found"))
    assert done.code == 2
    assert str(bad) in done.err
    assert "RF205" in done.out


def test_the_settings_file_chooses_codes(tmp_path: Path):
    (tmp_path / "reev-flow.toml").write_text('[check]\nignore = ["RF205"]\n')
    assert reev_flow("check", recorded("langgraph_not_found"), cwd=tmp_path).code == 0


def test_switching_bottlenecks_off_leaves_out_findings_about_lost_time():
    done = reev_flow("check", recorded("pydantic_ai_faulty"), "--json", REEV_BOTTLENECK_DETECTION="false")
    assert {finding["code"] for finding in json.loads(done.out)["runs"][0]["findings"]} == {"RF201", "RF203"}
