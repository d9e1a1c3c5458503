"""`reev-flow check`, as installed."""

import json
import re
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
    assert re.search(r"confidence 0\.\d\d, spans ", done.out)


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
    assert done.err == (
        "reev-flow: findings about lost time (RF1) are switched off; `reev-flow config` shows by which setting\n"
    )


FAULTY = recorded("pydantic_ai_faulty")
IGNORING = '[[check.ignores]]\ncode = "{code}"\nreason = "known"\n{more}\n'


def settings(folder: Path, text: str) -> Path:
    (folder / "reev-flow.toml").write_text(text)
    return folder


def test_an_ignored_finding_is_counted_and_does_not_fail(tmp_path: Path):
    done = reev_flow(
        "check", recorded("langgraph_not_found"), cwd=settings(tmp_path, IGNORING.format(code="RF205", more=""))
    )
    assert (done.code, done.out) == (0, "1 run checked, nothing found; 1 ignored\n")


def test_ignored_findings_are_shown_with_their_reason_when_asked_for(tmp_path: Path):
    folder = settings(tmp_path, IGNORING.format(code="RF205", more=""))
    done = reev_flow("check", recorded("langgraph_not_found"), "--show-ignored", cwd=folder)
    assert "because: known" in done.out


def test_an_ignore_that_has_expired_is_told_and_does_not_hold(tmp_path: Path):
    folder = settings(tmp_path, IGNORING.format(code="RF205", more='until = "2020-01-01"'))
    done = reev_flow("check", recorded("langgraph_not_found"), cwd=folder)
    assert done.code == 1
    assert done.err == "reev-flow: RF205 was to be ignored until 2020-01-01 (known); its findings count again\n"


def test_an_ignore_in_a_trace_that_gives_no_reason_is_told(tmp_path: Path):
    trace = json.loads(recorded("langgraph_not_found").read_text().splitlines()[0])
    root = trace["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    root["attributes"].append({"key": "reev.ignore", "value": {"stringValue": "RF205"}})
    (tmp_path / "run.json").write_text(json.dumps(trace))
    done = reev_flow("check", tmp_path / "run.json")
    assert f"reev.ignore='RF205' of span {root['spanId']} gives no reason and does not count" in done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[check.ignores]]\ncode = "RF205"\n', "gives no reason"),
        ('[[check.ignores]]\ncode = "RF205"\nreason = "r"\ntoll = "x"\n', "'toll' is not known"),
        ('[[check.ignores]]\ncode = "RF205"\nreason = "r"\nuntil = "soon"\n', "'soon' is no day"),
        ('[[check.ignores]]\ncode = "RF999"\nreason = "r"\n', "no rule has the code 'RF999'"),
        ("[check.rules.RF999]\nenabled = true\n", "no rule has the code 'RF999'"),
        ('[check.rules.RF205]\nseverity = "bad"\n', "severity"),
        ("[check.rules.RF205]\nmin_confidence = 2\n", "min_confidence"),
    ],
)
def test_a_wrong_wish_is_one_line_that_says_what_is_wrong(tmp_path: Path, text: str, said: str):
    done = reev_flow("check", recorded("langgraph_not_found"), cwd=settings(tmp_path, text))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


def test_a_rule_can_be_given_another_severity(tmp_path: Path):
    folder = settings(tmp_path, '[check.rules.RF205]\nseverity = "error"\n')
    assert reev_flow("check", recorded("langgraph_not_found"), "--fail-on", "error", cwd=folder).code == 1


def test_a_rule_can_be_asked_to_be_surer(tmp_path: Path):
    folder = settings(tmp_path, "[check.rules.RF205]\nmin_confidence = 0.99\n")
    assert reev_flow("check", recorded("langgraph_not_found"), cwd=folder).code == 0


def test_sarif_has_a_result_for_each_finding_and_the_same_exit_code():
    done = reev_flow("check", FAULTY, "--format", "sarif")
    (run,) = json.loads(done.out)["runs"]
    assert (done.code, {result["ruleId"] for result in run["results"]}) == (1, {"RF101", "RF201", "RF203"})


def test_github_has_a_command_for_each_finding():
    done = reev_flow("check", FAULTY, "--format", "github")
    commands = [line for line in done.out.splitlines() if line.startswith("::")]
    assert (done.code, len(commands)) == (1, 3)


def test_two_formats_at_once_are_refused():
    done = reev_flow("check", FAULTY, "--json", "--format", "sarif")
    assert (done.code, done.out) == (2, "")
    assert "leave one out" in done.err


def test_a_run_that_could_not_be_checked_in_time_does_not_pass_for_a_clean_one(tmp_path: Path):
    lines = recorded("pydantic_ai_clean").read_bytes().splitlines()
    (tmp_path / "many.jsonl").write_bytes(b"\n".join(_many(lines[0], 3_000)))
    done = reev_flow("check", tmp_path / "many.jsonl", REEV_TRACE_PROCESSING_TIMEOUT_MS="1")
    assert done.code == 2
    assert "1 run only checked in part" in done.out
    assert "partial: the time did not suffice for" in done.out


def _many(line: bytes, count: int) -> list[bytes]:
    """One trace of many requests, each with spans of its own."""
    request = json.loads(line)
    made = []
    for number in range(count):
        for resource_spans in request["resourceSpans"]:
            for scope_spans in resource_spans["scopeSpans"]:
                for place, span in enumerate(scope_spans["spans"]):
                    span["spanId"] = f"{number:08x}{place:08x}"
                    span.pop("parentSpanId", None)
        made.append(json.dumps(request).encode())
    return made


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_what_the_settings_call_a_secret_is_not_handed_on(form: str):
    secret = "convert_currency"
    arguments = ("check", FAULTY, "--format", form)
    assert secret in reev_flow(*arguments).out
    assert secret not in reev_flow(*arguments, REEV_TRACE_REDACTION_PATTERNS=secret).out


def test_what_could_not_be_read_is_an_error_on_github(tmp_path: Path):
    (tmp_path / "broken.json").write_text("{bad", encoding="utf-8")
    done = reev_flow("check", tmp_path / "broken.json", "--format", "github")
    assert done.code == 2
    assert done.out.startswith("::error file=")
    assert ",line=1,title=could not be read::" in done.out
