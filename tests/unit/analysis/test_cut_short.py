"""Which spans others ended."""

import pytest

from reev_flow.analysis.replay.cut_short import timed_out, was_cancelled
from reev_flow.trace.semantics import ERROR_TYPE
from reev_flow.trace.span import Attributes, Span, Status


@pytest.mark.parametrize(
    ("message", "attributes"),
    [
        ("CancelledError", {}),
        ("CancelledError: ", {}),
        ("", {ERROR_TYPE: "asyncio.exceptions.CancelledError"}),
        ("", {ERROR_TYPE: "Canceled"}),
    ],
)
def test_a_cancelled_span_is_known_by_its_error(message: str, attributes: Attributes):
    assert was_cancelled(failed(message, attributes))


@pytest.mark.parametrize(
    ("message", "attributes"),
    [
        ("the order could not be cancelled any more", {}),
        ("ValueError: nothing to cancel", {}),
        ("cancelled", {ERROR_TYPE: "ValueError"}),
    ],
)
def test_an_error_that_speaks_of_cancelling_is_another_one(message: str, attributes: Attributes):
    assert not was_cancelled(failed(message, attributes))


@pytest.mark.parametrize("message", ["TimeoutError: no answer", "ReadTimeout", "timed out", "Deadline Exceeded"])
def test_a_timeout_is_known_by_its_error(message: str):
    assert timed_out(failed(message, {}))


def test_what_went_well_did_not_time_out():
    assert not timed_out(Span(trace_id="t", span_id="1", start_ns=0, end_ns=1, attributes={ERROR_TYPE: "timeout"}))


def failed(message: str, attributes: Attributes) -> Span:
    return Span(
        trace_id="t",
        span_id="1",
        start_ns=0,
        end_ns=1,
        status=Status.ERROR,
        status_message=message,
        attributes=attributes,
    )
