"""Why a span failed, in the words of its sender."""

from collections.abc import Iterator

from reev_flow.trace.span import Span, SpanEvent


def failure_text(span: Span) -> str | None:
    """The most telling words there are: the status message, else the last exception, else the error's type. None without any."""
    return next(iter(failure_words(span)), None)


def failure_words(span: Span) -> Iterator[str]:
    """Everything a span says about its failure, the most telling first."""
    if span.failed and span.status_message:
        yield span.status_message
    for event in reversed(span.events):
        told = _exception(event)
        if told:
            yield told
    error_type = span.attributes.get("error.type")
    if isinstance(error_type, str) and error_type:
        yield error_type


def _exception(event: SpanEvent) -> str:
    parts = (event.attributes.get("exception.type"), event.attributes.get("exception.message"))
    return ": ".join(part for part in parts if isinstance(part, str) and part)
