"""Whether errors are what a tool was asked for, or may stand in what it was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.meaning.told_failure import told_failure
from reev_flow.trace.span import Value

STACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in x\nConnectionError: refused'


@pytest.mark.parametrize(
    ("tool", "report", "arguments"),
    [
        ("search_docs", "Error: 429 Too Many Requests", {"query": "travel policy"}),
        ("read_file", "Error: ENOENT: no such file or directory, open 'data/x.csv'", {"path": "data/x.csv"}),
        ("read_file", "Error: File not found", {"path": "data/x.csv"}),
        ("read_file", STACK, {"file_id": 5243}),
        ("fetch_page", "Error: 503 Service Unavailable on https://a.example/b", {"url": "https://a.example/b"}),
        ("get_issue", "Error: 503 Service Unavailable", {"id": 5}),
        ("create_ticket", "Error: the queue is locked", {"body": "errors at login"}),
        ("web_search", "Error: 429 Too Many Requests", {"query": "error handling in Go"}),
        ("validate_address", "Error: 503 Service Unavailable", {"street": "Rua Augusta"}),
        ("grep", "Error: 503 Service Unavailable", {"pattern": "total"}),
    ],
)
def test_what_cannot_have_been_found_is_a_report(tool: str, report: str, arguments: Value):
    assert told_failure(tool, report, arguments)


@pytest.mark.parametrize(
    ("tool", "result", "arguments"),
    [
        ("web_search", "ConnectionError: it means that …", {"query": "ConnectionError in requests"}),
        ("web_search", "HTTP 404 Not Found: a status that means …", {"query": "what is http 404"}),
        ("search_docs", "Error: 429 Too Many Requests", {"query": "why do I get errors"}),
        ("read_file", STACK, {"path": "out.txt"}),
        ("read_file", STACK, '{"path": "out.txt"}'),
        ("read_file", "Error: connection refused", {"path": "notes/a.md"}),
        ("read_file", "Error: connection refused", {"path": "app.log"}),
        ("grep", "Error: main loop ended", {"pattern": "main"}),
        ("get_issue", "Error: cannot log in", {"id": 5}),
        ("get_message", STACK, {"id": 5}),
        ("open_log", "Error: 503 Service Unavailable", {}),
        ("get_incident", "Error: 503 Service Unavailable", {"id": 5}),
        ("lint", "Error: line too long", {"path": "a"}),
        ("test_connection", {"success": False, "error": "connection refused"}, {}),
        ("validate_config", {"ok": False, "errors": ["line 3: a key is missing"]}, {"path": "a"}),
        ("read_mail", {"status": "failed", "message": "it could not be delivered"}, {"id": 1}),
        ("final_answer", "I could not reach the rates.", {"answer": "I could not reach the rates."}),
    ],
)
def test_what_may_have_been_found_is_a_result(tool: str, result: Value, arguments: Value):
    assert told_failure(tool, result, arguments) is None


@pytest.mark.parametrize("tool", ["show_commit", "get_diff", "post_commit", "create_incident"])
def test_a_bare_error_is_no_record_of_anything(tool: str):
    assert told_failure(tool, {"error": {"code": "busy", "message": "Overloaded"}}, {"id": 5})


@given(st.text(max_size=30), st.text(max_size=200), st.none() | st.dictionaries(st.text(max_size=5), st.text()))
def test_any_tool_may_say_anything(tool: str, text: str, arguments: dict[str, Value] | None):
    report = told_failure(tool, text, arguments)
    assert report is None or report
