"""Why a span failed, in the words of its sender."""

import re
from collections.abc import Iterator

from reev_flow.trace.run import Outcome
from reev_flow.trace.semantics import REEV_OUTCOME
from reev_flow.trace.span import Span, SpanEvent

TRACEBACK = "Traceback (most recent call last)"
FRAME = '\n  File "'
LONGEST_QUOTE = 100
SCRIPT_FRAME = re.compile(r"\n\s+at \S")  # JavaScript, Java and .NET

# How frameworks leave a span by raising although nothing went wrong: a pause for a person, a hand-over, a call that is no longer needed.
ON_PURPOSE = re.compile(
    r"\b(?:GraphInterrupt|NodeInterrupt|GraphBubbleUp|ParentCommand|CallDeferred|ApprovalRequired|CancelledError|GeneratorExit|"
    r"KeyboardInterrupt|StopIteration|StopAsyncIteration|AbortError)\b|^(?:\w+ )?(?:was )?cancell?ed\b|^context canceled",
    re.IGNORECASE,
)


def failure_text(span: Span) -> str | None:
    """The most telling words there are: the status message, else the last exception, else the error's type. None without any."""
    return next(failure_words(span), None)


def failure_words(span: Span) -> Iterator[str]:
    """Everything a span says about its failure, the most telling first, without the stack that is often glued to it."""
    if span.failed and span.status_message:
        yield without_stack(span.status_message)
    for event in reversed(span.events):
        told = _exception(event)
        if told:
            yield without_stack(told)
    error_type = span.attributes.get("error.type")
    if isinstance(error_type, str) and error_type:
        yield error_type


def was_left_on_purpose(span: Span) -> bool:
    """Whether the failure is a framework's way to pause, hand over or cancel."""
    return any(ON_PURPOSE.search(words[:200]) for words in failure_words(span))


def was_interrupted(span: Span) -> bool:
    """Whether its worker went away in the middle of it, whatever was found out about it later."""
    return span.attributes.get(REEV_OUTCOME) == Outcome.INTERRUPTED


def without_stack(text: str) -> str:
    """The words before a stack trace; of a text that begins with one, the words after its last frame."""
    if TRACEBACK in text:
        before = text[: text.index(TRACEBACK)].strip()
        return before or _after_last_frame(text)
    found = SCRIPT_FRAME.search(text)
    before = text[: found.start()].strip() if found else ""
    return before or text


def quoted(text: str) -> str:
    """In one line of at most 100 characters."""
    line = " ".join(text[: 4 * LONGEST_QUOTE].split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def _after_last_frame(text: str) -> str:
    last = text.rfind(FRAME)
    if last < 0:
        return text
    after = text[last + len(FRAME) :].splitlines()[1:]
    while after and after[0].startswith("    "):  # the frame's source line and its markers
        after.pop(0)
    return "\n".join(after).strip() or text


def _exception(event: SpanEvent) -> str:
    parts = (event.attributes.get("exception.type"), event.attributes.get("exception.message"))
    return ": ".join(part for part in parts if isinstance(part, str) and part)
