"""Why a span failed, in the words of its sender."""

import pytest

from reev_flow.analysis.meaning.failure import failure_text, failure_words, quoted, was_left_on_purpose, without_stack
from reev_flow.trace.span import Span, SpanEvent, Status

PYTHON_STACK = """Traceback (most recent call last):
  File "app/tools.py", line 12, in search
    return self._get(url, timeout=timeout)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "app/client.py", line 40, in _get
    raise HTTPError(response)
app.client.HTTPError: 503 Service Unavailable
try again later"""


def failed(message: str = "", *, events: tuple[SpanEvent, ...] = (), **attributes: str) -> Span:
    return Span(
        trace_id="t",
        span_id="s",
        start_ns=1,
        end_ns=2,
        status=Status.ERROR,
        status_message=message,
        events=events,
        attributes={name.replace("_", "."): value for name, value in attributes.items()},
    )


def exception(message: str, kind: str = "ValueError") -> SpanEvent:
    return SpanEvent(time_ns=1, name="exception", attributes={"exception.type": kind, "exception.message": message})


def test_the_status_message_is_the_most_telling():
    assert failure_text(failed("no rate", events=(exception("other"),), error_type="E")) == "no rate"


def test_the_last_exception_speaks_when_the_status_is_silent():
    assert failure_text(failed(events=(exception("first"), exception("last")))) == "ValueError: last"


def test_the_error_type_speaks_when_nothing_else_does():
    assert failure_text(failed(error_type="timeout")) == "timeout"


def test_a_failure_may_have_no_words():
    assert failure_text(failed()) is None


def test_an_event_that_is_no_exception_says_nothing():
    assert list(failure_words(failed(events=(SpanEvent(time_ns=1, name="retry"),)))) == []


def test_the_stack_glued_to_an_error_is_left_out():
    assert without_stack(f"HTTPError('503')\n\n{PYTHON_STACK}") == "HTTPError('503')"


def test_of_a_text_that_begins_with_a_stack_the_error_at_its_end_is_left():
    assert without_stack(PYTHON_STACK) == "app.client.HTTPError: 503 Service Unavailable\ntry again later"


def test_a_stack_without_frames_stays_as_it_is():
    text = "Traceback (most recent call last): lost"
    assert without_stack(text) == text


def test_a_stack_that_was_cut_before_its_error_stays_as_it_is():
    text = 'Traceback (most recent call last):\n  File "app.py", line 1, in f'
    assert without_stack(text) == text


def test_the_frames_of_a_script_are_left_out():
    assert without_stack("Error: boom\n    at f (app.js:1:2)\n    at g (app.js:3:4)") == "Error: boom"


def test_words_without_a_stack_stay_as_they_are():
    assert without_stack("could not look at it") == "could not look at it"


@pytest.mark.parametrize(
    "words",
    [
        "GraphInterrupt((Interrupt(value='approve?'),))",
        "ParentCommand(Command(goto='writer'))",
        "asyncio.exceptions.CancelledError",
        "cancelled",
        "Task was cancelled",
        "context canceled",
        "ApprovalRequired",
    ],
)
def test_a_pause_a_hand_over_and_a_cancellation_are_left_on_purpose(words: str):
    assert was_left_on_purpose(failed(words))


@pytest.mark.parametrize("words", ["order 12 cannot be cancelled any more", "ValueError: no interrupt handler", ""])
def test_an_error_that_speaks_of_cancelling_is_an_error(words: str):
    assert not was_left_on_purpose(failed(words))


def test_a_quote_is_one_line_of_at_most_100_characters():
    told = quoted("line one\n  line two " + "x" * 500)
    assert (told[:18], len(told), told[-1]) == ("line one line two ", 100, "…")


def test_a_short_text_is_quoted_whole():
    assert quoted(" no  rate\n") == "no rate"
