"""Every text that is written down in a trace, put together so that it can be searched at once."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

import msgspec

from reev_flow.trace.span import Attributes, Span, Value
from reev_flow.trace.trace import Trace

SHORTEST = 8  # characters; shorter ones say nothing that is looked for
BETWEEN = b"\n"
HOLDS_TEXTS = (list, dict, bytes)


class Recorded(msgspec.Struct, frozen=True):
    """A text, the name it is under where it was first met, and the spans that hold it."""

    name: str
    data: bytes
    positions: list[int]


class RecordedTexts:
    """Each text once, however many spans repeat it."""

    def __init__(self, trace: Trace) -> None:
        known: dict[str, Recorded] = {}
        for position, name, text in _texts(trace):
            recorded = known.get(text)
            if recorded is None:
                known[text] = Recorded(name, text.encode(errors="surrogatepass"), [position])
            elif recorded.positions[-1] != position:
                recorded.positions.append(position)
        self.recorded = tuple(known.values())
        self.data = BETWEEN.join(one.data for one in self.recorded)
        self._starts: list[int] = []
        start = 0
        for one in self.recorded:
            self._starts.append(start)
            start += len(one.data) + len(BETWEEN)

    def at(self, place: int) -> Recorded:
        """The text that this byte of `data` belongs to."""
        return self.recorded[bisect_right(self._starts, place) - 1]


def names_by_text(trace: Trace) -> dict[str, str]:
    """Each text of a trace, in order, under the name where it was first met. Quicker than to know also which spans hold it."""
    names: dict[str, str] = {}
    sources: set[int] = set()
    for span in trace.spans:
        attributes = span.attributes
        for name, value in attributes.items():
            if type(value) is str:
                if len(value) >= SHORTEST:
                    names.setdefault(value, name)
            elif isinstance(value, HOLDS_TEXTS):
                _add(names, _inside(0, name, value))
        if span.status_message or span.events or not attributes:
            _add(names, _beside(0, span))
        if id(span.source) not in sources:
            sources.add(id(span.source))
            _add(names, _of(0, span.source.resource))
    return names


def _add(names: dict[str, str], texts: Iterable[tuple[int, str, str]]) -> None:
    for _, name, text in texts:
        names.setdefault(text, name)


def _texts(trace: Trace) -> Iterator[tuple[int, str, str]]:
    """Attributes hold whatever was understood of them, so that is looked at only where there are none."""
    sources: set[int] = set()
    for position, span in enumerate(trace.spans):
        for name, value in span.attributes.items():
            if type(value) is str:
                if len(value) >= SHORTEST:
                    yield position, name, value
            elif isinstance(value, HOLDS_TEXTS):
                yield from _inside(position, name, value)
        yield from _beside(position, span)
        if id(span.source) not in sources:
            sources.add(id(span.source))
            yield from _of(position, span.source.resource)


def _beside(position: int, span: Span) -> Iterator[tuple[int, str, str]]:
    if len(span.status_message) >= SHORTEST:
        yield position, "its status", span.status_message
    for event in span.events:
        yield from _of(position, event.attributes)
    if not span.attributes:
        yield from _inside(position, "its input", span.input)
        yield from _inside(position, "its output", span.output)


def _of(position: int, attributes: Attributes) -> Iterator[tuple[int, str, str]]:
    for name, value in attributes.items():
        yield from _inside(position, name, value)


def _inside(position: int, name: str, value: Value) -> Iterator[tuple[int, str, str]]:
    """Every text of a value, by the innermost name it has."""
    pending: list[tuple[str, Value]] = [(name, value)]
    while pending:
        name, item = pending.pop()
        if isinstance(item, bytes):
            item = item.decode(errors="replace")
        if isinstance(item, str):
            if len(item) >= SHORTEST:
                yield position, name, item
        elif isinstance(item, dict):
            pending.extend(reversed(item.items()))
        elif isinstance(item, list):
            pending.extend((name, each) for each in reversed(item))
