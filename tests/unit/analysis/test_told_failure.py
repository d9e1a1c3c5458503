"""A tool that went well by its status, but whose result is nothing but the report of a failure."""

import pytest

from reev_flow.analysis.told_failure import told_failure
from reev_flow.trace.span import Value


@pytest.mark.parametrize(
    "result",
    [
        "Error: Client error '429 Too Many Requests'",
        "An error occurred while running the tool: timed out",
        "ValueError: no such city",
        "Error executing tool search: 503",
        {"error": "rate limit reached", "retry_after": 20},
        {"status": "error", "message": "not found"},
        {"isError": True, "content": [{"type": "text", "text": "access denied"}]},
        {"error": {"code": 404, "message": "gone"}},
    ],
)
def test_a_result_that_is_the_report_of_a_failure_is_told(result: Value):
    assert told_failure("convert_currency", result)


@pytest.mark.parametrize(
    "result",
    [
        "Errors are values: an essay",
        "error handling in Go",
        "no errors found",
        "The error: a short story",
        "Error: " + "a very long page about errors " * 50,
        {"rows": [1, 2], "error": None},
        {"rows": [1, 2], "error": "one row was skipped"},
        {"success": True, "error": "deprecated field"},
        {"ok": True, "message": "done"},
        {"error": ""},
        {"status": "ok"},
        ["Error: 429"],
        42,
        None,
    ],
)
def test_a_result_that_mentions_errors_is_a_result(result: Value):
    assert told_failure("convert_currency", result) is None


@pytest.mark.parametrize(
    "tool", ["read_log", "tail_logs", "get_job_status", "read_file", "list_issues", "searchMessages"]
)
def test_what_is_read_from_others_is_no_report_of_ones_own(tool: str):
    assert told_failure(tool, "Error: 503 service unavailable") is None


def test_a_report_in_parts_is_told_with_the_names_of_the_parts():
    result: Value = {"isError": True, "content": [{"type": "text", "text": "429"}], "code": 7}
    assert told_failure("search", result) == "type: text, text: 429, code: 7"
