"""What decoders say about input they could not use, without knowing where it came from."""

from collections import Counter
from typing import Protocol

NAMED = 3
LONGEST_NAME = 80
CHECK_EXPORTER = "the rest was read; check the exporter that wrote it"
WANTED = "want OTLP spans under 'resourceSpans'; export the trace as OTLP JSON or protobuf"


class Tell(Protocol):
    """Takes one problem: what is wrong, what to do next, and the line when it is another than the one being read."""

    def __call__(self, details: str, advice: str, *, line: int | None = None) -> None: ...


class Losses:
    """What one document could not give, told once when the document is done, however often it happened."""

    def __init__(self) -> None:
        self._without_id: Counter[str] = Counter()
        self._misshapen: Counter[str] = Counter()
        self._no_requests: Counter[str] = Counter()

    @property
    def spans(self) -> int:
        """How many spans they are, as far as they are known to have been spans."""
        return self._without_id.total() + self._misshapen["spans"]

    def span_without_id(self, name: str) -> None:
        self._without_id[repr(name[:LONGEST_NAME])] += 1

    def misshapen(self, what: str) -> None:
        self._misshapen[what] += 1

    def no_request(self, description: str) -> None:
        self._no_requests[description] += 1

    def tell(self, tell: Tell) -> None:
        if self._no_requests:
            tell(f"holds {_listed([_times(*found) for found in self._no_requests.items()])}", WANTED)
        if self._without_id:
            spans = _counted(self._without_id.total(), "span", "spans")
            tell(f"left out {spans} without a trace id or span id: {_listed(list(self._without_id))}", CHECK_EXPORTER)
        for what, count in self._misshapen.items():
            tell(f"left out {_counted(count, 'entry', 'entries')} of {what} that cannot be read", CHECK_EXPORTER)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _times(description: str, count: int) -> str:
    return description if count == 1 else f"{count} times {description}"


def _listed(names: list[str]) -> str:
    listed = ", ".join(names[:NAMED])
    return listed if len(names) <= NAMED else f"{listed} and {len(names) - NAMED} more"
