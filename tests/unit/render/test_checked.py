"""What was found in runs, for people, for GitHub and for code scanners."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.findings import Finding, Severity
from reev_flow.analysis.rules.ignores import Ignored, SortedOut
from reev_flow.analysis.rules.rulebook import RULES
from reev_flow.errors import InvalidFormat
from reev_flow.render.checked import CheckedRun
from reev_flow.render.checked_text import checked_text
from reev_flow.render.github_commands import github_commands
from reev_flow.render.sarif import sarif_text
from reev_flow.trace.span import ToolUse
from support.draw import draw
from support.redraw import redraw
from support.secrets import TOKENS

RUN = """
    agent:planner         ########
      tool:search         ##
      tool:search           ##
"""
SPANS = ("0000000000000002", "0000000000000003")


def finding(message: str = "search was called twice", **changes: Any) -> Finding:
    facts = {"code": "RF101", "name": "repeated-call", "severity": Severity.WARNING, "advice": "keep it"}
    return Finding(**{**facts, "message": message, "evidence": SPANS, "confidence": 0.7, **changes})


def checked(
    *kept: Finding, ignored: tuple[Ignored, ...] = (), source: str = "traces/a.jsonl", missing: tuple[str, ...] = ()
) -> CheckedRun:
    return CheckedRun(trace=draw(RUN), source=source, sorted_out=SortedOut(kept=kept, ignored=ignored), missing=missing)


IGNORED = (Ignored(finding=finding(), reason="known since spring"),)


def test_findings_that_do_not_count_are_counted_apart():
    assert checked_text([checked(ignored=IGNORED)]) == "1 run checked, nothing found; 1 ignored\n"


def test_findings_that_do_not_count_are_shown_when_asked_for():
    assert "because: known since spring" in checked_text([checked(ignored=IGNORED)], shows_ignored=True)


def test_a_run_that_was_only_checked_in_part_is_told():
    told = checked_text([checked(missing=("RF401",))])
    assert "partial: the time did not suffice for RF401" in told
    assert told.endswith("1 run only checked in part\n")


def test_a_finding_is_a_command_with_its_file():
    line, summary, _ = github_commands([checked(finding())]).split("\n")
    assert line.startswith(
        "::warning file=traces/a.jsonl,title=RF101 repeated-call::search was called twice%0Ado: keep it%0Arun "
    )
    assert summary == "1 run checked, 1 finding: 1 warning"


@pytest.mark.parametrize(("severity", "level"), [(Severity.ERROR, "error"), (Severity.NOTE, "notice")])
def test_every_severity_has_its_command(severity: Severity, level: str):
    assert github_commands([checked(finding(severity=severity))]).startswith(f"::{level} ")


def test_what_would_end_a_property_is_escaped():
    assert "::warning file=a%3Ab%2Cc%25d%0Ae%0Df,title=" in github_commands(
        [checked(finding(), source="a:b,c%d\ne\rf")]
    )


def test_percent_signs_of_a_message_are_escaped_and_colons_are_not():
    assert "::50%25 of it: gone%0Ado" in github_commands([checked(finding("50% of it: gone"))])


def test_what_could_not_be_read_is_an_error_at_its_line():
    problem = InvalidFormat("is not JSON", source="traces/a.jsonl", line=3, advice="export it again")
    assert github_commands([], [problem]) == (
        "::error file=traces/a.jsonl,line=3,title=could not be read::traces/a.jsonl line 3: is not JSON; export it again\n"
        "0 runs checked, nothing found\n"
    )


def test_what_could_not_be_read_of_standard_input_names_no_file():
    assert github_commands([], [InvalidFormat("is not JSON", source="standard input")]).startswith(
        "::error title=could not be read::"
    )


@given(st.text(), st.text())
def test_whatever_was_not_read_its_error_stays_one_command(details: str, source: str):
    assert len(github_commands([], [InvalidFormat(details, source=source)]).split("\n")) == 3


@given(st.text(), st.text())
def test_whatever_a_trace_says_a_finding_stays_one_command(message: str, source: str):
    told = github_commands([checked(finding(message), source=source)])
    assert len(told.encode(errors="replace").decode().split("\n")) == 3
    assert "\r" not in told


def result(run: CheckedRun) -> dict[str, Any]:
    (told,) = sarif(run)["runs"][0]["results"]
    return dict(told)


def sarif(*runs: CheckedRun, problems: tuple[str, ...] = ()) -> dict[str, Any]:
    return dict(json.loads(sarif_text(runs, RULES, problems)))


def test_sarif_says_what_it_is():
    told = sarif(checked())
    assert (told["version"], told["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")


def test_every_rule_that_was_asked_is_told_with_its_level():
    rules = sarif(checked())["runs"][0]["tool"]["driver"]["rules"]
    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in rules] == [
        (rule.code, rule.severity.value) for rule in RULES
    ]


def test_a_result_points_to_its_rule():
    told = result(checked(finding()))
    rules = sarif(checked())["runs"][0]["tool"]["driver"]["rules"]
    assert rules[told["ruleIndex"]]["id"] == told["ruleId"] == "RF101"


def test_a_result_is_in_a_file_and_at_a_span_and_names_the_others():
    told = result(checked(finding()))
    (location,) = told["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "traces/a.jsonl"}
    assert location["logicalLocations"][0]["fullyQualifiedName"] == f"{'t' * 32}/{SPANS[0]}"
    assert [related["id"] for related in told["relatedLocations"]] == [1]


def test_what_came_from_standard_input_has_no_file():
    assert "physicalLocation" not in result(checked(finding(), source="-"))["locations"][0]


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("./a b.json", "a%20b.json"),
        ("/x/ü.json", "file:///x/%C3%BC.json"),
        ("x\\y.json", "x/y.json"),
        ("a:b.json", "a%3Ab.json"),
    ],
)
def test_a_file_is_told_as_a_uri(source: str, uri: str):
    location = result(checked(finding(), source=source))["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_what_does_not_count_is_suppressed_with_its_reason():
    told = result(checked(ignored=IGNORED))
    assert told["suppressions"] == [{"kind": "external", "justification": "known since spring"}]


def test_the_same_finding_of_another_run_has_the_same_fingerprint():
    first, second = result(checked(finding())), result(checked(finding(), source="traces/b.jsonl"))
    assert first["partialFingerprints"] == second["partialFingerprints"]


def test_inputs_that_could_not_be_read_make_the_run_unsuccessful():
    (invocation,) = sarif(checked(), problems=("a.json is broken",))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "a.json is broken"


@given(st.text())
def test_whatever_a_trace_says_sarif_can_be_read(message: str):
    assert result(checked(finding(message)))["message"]["text"]


@pytest.mark.parametrize("secret", TOKENS.values(), ids=TOKENS)
def test_a_secret_is_not_handed_on_in_any_form(secret: str):
    told = finding(f"fetch({secret}) was called twice", advice=f"keep {secret} out of it")
    run = CheckedRun(
        trace=redraw(draw(RUN), "search", tool=ToolUse(name=f"fetch {secret}")),
        source="a.jsonl",
        sorted_out=SortedOut(kept=(told,), ignored=(Ignored(finding=told, reason=f"{secret} is known"),)),
    )
    written = checked_text([run], shows_ignored=True) + github_commands([run]) + sarif_text([run], RULES)
    assert secret not in written
