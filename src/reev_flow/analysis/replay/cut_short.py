"""Which spans did not end by themselves: others cancelled them, or a timeout struck."""

from reev_flow.trace import semantics
from reev_flow.trace.span import Span

EXCEPTION_TYPE = "exception.type"
CANCELLED = ("cancel",)
TIMED_OUT = ("timeout", "timed out", "deadline")


def was_cancelled(span: Span) -> bool:
    """Somebody no longer wanted what it did: the loser of a race, or what a timeout around it stopped."""
    return span.failed and _says(span, CANCELLED)


def timed_out(span: Span) -> bool:
    return span.failed and _says(span, TIMED_OUT)


def _says(span: Span, words: tuple[str, ...]) -> bool:
    """By the kind of the error, else by a status that tells nothing but a kind: a sentence may speak of something else."""
    kinds = [span.attributes.get(semantics.ERROR_TYPE)]
    kinds += [event.attributes.get(EXCEPTION_TYPE) for event in span.events]
    told = " ".join(kind for kind in kinds if isinstance(kind, str)) or _kind(span.status_message)
    return any(word in told.lower() for word in words)


def _kind(message: str) -> str:
    """What stands before the first colon, if it is a word or two."""
    first = message.partition(":")[0]
    return first if first.count(" ") <= 1 else ""
