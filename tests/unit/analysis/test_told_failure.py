"""A tool that went well by its status, but whose result is nothing but the report of a failure."""

import pytest

from reev_flow.analysis.meaning.told_failure import told_failure
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
        {"data": None, "errors": [{"message": "field does not exist"}]},
        {"success": False, "message": "quota exceeded"},
        {"statusCode": 503, "message": "service unavailable"},
        {"errorMessage": "division by zero", "errorType": "ZeroDivisionError", "stackTrace": ["line 1"]},
        '{"error": "no such city"}',
        [{"type": "text", "text": "Error: no such city"}],
        {"content": [{"type": "text", "text": '{"ok": false, "error": "timed out"}'}]},
        'Traceback (most recent call last):\n  File "tool.py", line 1, in run\n    fetch()\nKeyError: 7',
        "[ERROR] no such city",
        "Failed to reach the database",
        {"result": "Error: no such city"},
        {"result": {"error": "no such city"}},
        {"status": "success", "toolUseId": "t1", "content": [{"text": "Error: no such city"}]},
        {"status": "error", "toolUseId": "t1", "content": [{"text": "no such city"}]},
        {"content": [{"type": "text", "text": "Error: no such city"}], "isError": False},
        {"type": "tool", "content": "no such city", "status": "error", "name": "weather", "tool_call_id": "c1"},
        {"type": "tool", "content": "Error: no such city", "status": "success", "tool_call_id": "c1"},
        '[{"type": "text", "text": "Error: no such city"}]',
        "HTTP 503: Service Unavailable",
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
        {"ok": False, "valid": False, "reason": "too short"},
        {"error": 0.02},
        {"error": False, "message": "done"},
        {"status": 404, "rows": [1]},
        {"status": 200, "message": "done"},
        '{"rows": [{"error": "old"}]}',
        [{"type": "text", "text": "one"}, {"type": "text", "text": "Error: two"}],
        "Failed banks of 2023",
        "404 rooms are free",
        ["Error: 429"],
        {"result": "done"},
        {"status": "success", "content": [{"text": "20 euros"}]},
        "{1: 'Error: no such city'}",
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


def test_what_is_marked_as_a_failure_is_one_whoever_wrote_it():
    result: Value = {"isError": True, "content": [{"type": "text", "text": "no such file"}]}
    assert told_failure("read_file", result) == "type: text, text: no such file"


def test_a_stack_is_left_out_of_the_report():
    result = 'Traceback (most recent call last):\n  File "tool.py", line 1, in run\n    fetch()\nKeyError: 7'
    assert told_failure("convert_currency", result) == "KeyError: 7"


@pytest.mark.parametrize(
    "result",
    [{"ok": False, "error": "boom"}, {"statusCode": 503, "body": "busy"}, "Error executing tool read_file: boom"],
)
def test_what_only_the_tool_itself_can_have_said_is_its_own_report(result: Value):
    assert told_failure("read_file", result)


@pytest.mark.parametrize("tool", ["get_log", "last_error", "get_job_status"])
def test_an_error_that_was_asked_for_is_a_result(tool: str):
    assert told_failure(tool, {"error": "boom"}) is None


def test_a_report_in_a_dictionary_as_python_writes_it_is_read():
    assert (
        told_failure("lookup", "{'error': 'internal server error', 'code': 500}")
        == "error: internal server error, code: 500"
    )


def test_a_text_that_only_looks_like_a_dictionary_is_a_result():
    assert told_failure("lookup", "{'error' is a key of this") is None


@pytest.mark.parametrize("result", [{"ok": False}, {"success": False, "data": None}, '{"succeeded": false}'])
def test_a_plain_no_is_the_report_of_a_failure(result: Value):
    assert told_failure("search_customers", result) == "success: false"


@pytest.mark.parametrize("tool", ["is_available", "check_stock", "verify_iban", "ask_user", "get_job_status"])
def test_a_plain_no_is_the_answer_where_one_may_be(tool: str):
    assert told_failure(tool, {"ok": False}) is None


@pytest.mark.parametrize("result", [{"ok": False, "valid": True}, {"ok": False, "success": True}, {"ok": True}])
def test_a_no_beside_a_yes_is_a_result(result: Value):
    assert told_failure("search_customers", result) is None
