"""Whether a text is nothing but the report of a failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.meaning.report_words import reported_words

STACK = "\n    at get (/app/a.js:1:2)\n    at run (/app/b.js:3:4)"


@pytest.mark.parametrize(
    "text",
    [
        "Error: KeyError('x')\n Please fix your mistakes.",
        "An error occurred while running the tool. Please try again. Error: boom",
        "Input validation error: 'city' is a required property",
        "MCP error -32602: Invalid arguments for tool",
        "It seems we encountered an unexpected error while trying to use the tool. This was the error: 'x'",
        "Encountered error: boom",
        "404 Client Error: Not Found for url: https://rates.example",
        "HTTP Error 403: Forbidden",
        "Request failed with status code 404",
        "Client error '404 Not Found' for url 'https://rates.example'",
        "Unexpected status code 500",
        "HTTP 503",
        "[429] Too Many Requests",
        "Failed to fetch",
        "fetch failed",
        "Search failed: quota",
        "API request failed with status 500",
        "Error fetching the rates",
        "Error ingesting the customers: KeyError('name')",
        "The following errors occurred during tool execution: no rows",
        "Unable to create the directory 'out': the disk is full",
        "Could not request results; the line is dead: boom",
        "Es ist ein Fehler aufgetreten",
        "Se produjo un error al consultar",
    ],
)
def test_a_text_that_begins_as_reports_do_is_one(text: str):
    assert reported_words(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Sorry, I could not access the rates.",
        "Unable to fetch the rates for Lisbon",
        "Cannot read properties of undefined (reading 'id')",
        "Something went wrong. Please try again.",
        "Rate limit exceeded. Try again in 20 s.",
        "The operation timed out after 30 s",
        "Connection refused",
        "Access denied",
        "Internal Server Error",
    ],
)
def test_a_short_text_that_says_it_as_one_says_it_to_a_person_is_one(text: str):
    assert reported_words(text) == text
    assert reported_words(text, is_answer=True) is None
    assert reported_words(text + " And much more is told after it." * 10) is None


@pytest.mark.parametrize(
    "text",
    [
        "Margin of error: 3%",
        "Standard error: 0.02",
        "Mean squared error: 0.031, after 4 epochs",
        "Trial and error: a history of science",
        "The error: a short story",
        "Errors: 0",
        "0 errors",
        "No errors found",
        "error handling in Go",
        "Error handling in Go: a guide",
        "Error correcting codes by Hamming: an essay",
        "Could not find a task: Buy milk",
        "Unable to connect to WiFi, and what helps? An answer: turn it off",
        "Failed banks of 2023",
        "Failure modes of bridges: an essay",
        "404 rooms are free",
        "Unable to connect to WiFi? Turn it off and on.",
        "We are unable to process refunds after 30 days.",
        "Forbidden (a film of 1932)",
        "Forbidden City, Beijing: open from 9 to 17",
        "Timeout (album)",
        "Service unavailable on sundays: bus 7",
        "",
    ],
)
def test_a_text_that_only_has_the_words_is_none(text: str):
    assert reported_words(text) is None


def test_the_stack_of_a_script_is_left_out():
    assert reported_words("TypeError: x is not a function" + STACK * 20) == "TypeError: x is not a function"


def test_what_a_tool_that_names_itself_was_given_may_be_quoted_at_length():
    text = f"Error executing tool rates with {'x' * 900}: boom"
    assert reported_words(text) is None
    assert reported_words(text, names_itself=True) == text


@given(st.text(max_size=700))
def test_a_report_is_never_longer_than_what_was_said(text: str):
    assert len(reported_words(text) or "") <= len(text)


@given(st.integers(0, 399), st.sampled_from(("", "%", " of 10", ", 4 epochs")))
def test_a_number_that_is_no_status_is_a_margin_of_error(number: int, unit: str):
    assert reported_words(f"Standard error: {number}{unit}") is None or unit == " of 10"
