"""Whether a dictionary is nothing but the report of a failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.meaning.report_fields import Fields, is_empty, tells_an_error
from reev_flow.trace.span import Value

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES: st.SearchStrategy[Value] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
KEYS = st.sampled_from(("error", "Error Message", "status", "success", "message", "code", "rows", "type")) | st.text()


@pytest.mark.parametrize(
    "result",
    [
        {"Error Message": "Invalid call"},
        {"Response": "False", "Error": "Movie not found!"},
        {"cod": "404", "message": "city not found"},
        {"code": 500, "msg": "server busy", "data": None},
        {"errcode": 40001, "errmsg": "invalid credential"},
        {"message": "Internal server error"},
        {"message": "Bad credentials", "documentation_url": "https://docs.example", "status": "401"},
        {"data": {"user": None}, "errors": [{"message": "boom"}]},
        {"error": "boom", "results": [], "count": 0},
        {"status": "fail", "message": "bad"},
        {"name": "AxiosError", "message": "Request failed", "stack": "at get"},
        {"type": "error-text", "value": "boom"},
        {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"},
        {"success": False, "error": "card declined", "order_id": "O-1"},
        {"exception": {"type": "KeyError", "message": "x"}},
    ],
)
def test_services_tell_of_failures_in_many_fields(result: dict[str, Value]):
    assert Fields(result).is_report()


@pytest.mark.parametrize(
    "result",
    [
        {"errors": []},
        {"error": None, "rows": [1]},
        {"error": "none"},
        {"error": "0.05"},
        {"error": {"code": 0, "message": ""}},
        {"error": {"code": 0, "message": "success"}},
        {"data": {"user": {"id": 1}}, "errors": [{"message": "one field"}]},
        {"code": 0, "msg": "success"},
        {"code": 415, "name": "San Francisco"},
        {"message": "A reminder of the rate limit was sent"},
        {"title": "Error", "type": "page", "content": "All about errors"},
        {"page": 1, "next": None, "errors": []},
        {"success": False, "error": "two rows were skipped", "rows": [1, 2]},
        {"ok": False, "valid": False, "reason": "too short"},
    ],
)
def test_a_result_with_fields_for_errors_is_a_result(result: dict[str, Value]):
    assert not Fields(result).is_report()


def test_what_was_echoed_of_the_question_brings_nothing():
    result: dict[str, Value] = {"error": "not served", "city": "Lisbon"}
    assert Fields(result, {"place": "Lisbon"}).is_report()
    assert not Fields(result, {"place": "Porto"}).is_report()


@given(st.dictionaries(KEYS, VALUES, max_size=5), VALUES)
def test_any_dictionary_can_be_asked(result: dict[str, Value], arguments: Value):
    fields = Fields(result, arguments)
    assert isinstance(fields.is_report(), bool)
    assert isinstance(fields.is_marked(), bool)


@given(st.dictionaries(st.sampled_from(("rows", "items", "balance")), st.integers(1, 9), min_size=1), st.text())
def test_what_brings_a_value_is_no_report_unless_it_says_that_it_failed(beside: dict[str, Value], error: str):
    assert not Fields({**beside, "error": error}).is_report()


@given(VALUES)
def test_what_is_empty_tells_no_error(value: Value):
    assert not (is_empty(value) and tells_an_error(value))
