"""What a span's attributes and events tell, by concept, whatever dialect they are in."""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import TypeVar

from reev_flow.collect.cut_json import ENDS_OF_TOLD, is_cut
from reev_flow.collect.dialects import EVENT_BODIES, EVENTS_WITH_ATTRIBUTES, MEANINGS, MESSAGE_EVENTS, QUOTED
from reev_flow.collect.dialects.dialect import Concept, Path
from reev_flow.collect.indexed import unflatten
from reev_flow.collect.places import Place, places_of
from reev_flow.collect.readers import structure
from reev_flow.collect.too_deep import holds_too_deep
from reev_flow.trace.span import Attributes, Span, SpanEvent, Value

Read = TypeVar("Read")

BEHIND_ATTRIBUTES = 1_000  # added to the rank of what is told by events
MAY_BEGIN_CUT = frozenset('{["')  # nearly all texts neither begin nor end like one that was cut
ANY_KEY = "*"


class Facts:
    """Values by concept, each read when it is asked for, because that takes time: prompts are most of a trace."""

    def __init__(self, span: Span) -> None:
        self._sources = [span.attributes]
        self._places = places_of(span.attributes)
        self._opened: dict[tuple[int, str], Value] = {}
        if span.events:
            self._gather_events(span.events)

    @property
    def are_none(self) -> bool:
        return not self._places

    @property
    def are_cut(self) -> bool:
        """Whether a limit on the length of attributes, or on nesting, cut something that is told here."""
        return any(map(_has_cut, self._sources))

    def mention(self, concepts: Iterable[Concept]) -> bool:
        """Whether there are values for any of them, if only some that make no sense."""
        return not self._places.keys().isdisjoint(concepts)

    def tells(self, concept: Concept) -> bool:
        return self.sent(concept) is not None

    def ranked(self, concept: Concept) -> Iterator[tuple[str, Value]]:
        """Attributes and what they tell. What counts most comes first."""
        for place in self._places.get(concept, ()):
            yield place.attribute, self._read(place)

    def first(self, concept: Concept, reader: Callable[[Value], Read | None]) -> Read | None:
        """The first value that the reader can make sense of."""
        for place in self._places.get(concept, ()):
            read = reader(self._read(place))
            if read is not None:
                return read
        return None

    def sent(self, concept: Concept) -> Value:
        """The first value that is there, as it was sent."""
        for place in self._places.get(concept, ()):
            value = self._read(place)
            if value is not None:
                return value
        return None

    def _read(self, place: Place) -> Value:
        if place.is_as_sent:
            return self._sources[place.source][place.attribute]
        if place.path or place.leaves:
            return _at(self._open(place), place.path)
        value = self._sources[place.source][place.attribute]
        if value in place.placeholders:
            return None
        return _unquoted(value) if place.is_quoted else value

    def _open(self, place: Place) -> Value:
        """What has to be parsed or put together is so once, however many places are in it."""
        known = place.source, place.attribute
        if known not in self._opened:
            attributes = self._sources[place.source]
            self._opened[known] = (
                unflatten({path: attributes[name] for name, path in place.leaves})
                if place.leaves
                else structure(attributes[place.attribute])
            )
        return self._opened[known]

    def _gather_events(self, events: Iterable[SpanEvent]) -> None:
        messages: dict[Concept, list[Value]] = {}
        behind: dict[Concept, list[Place]] = {}
        for event in events:
            if event.name in EVENTS_WITH_ATTRIBUTES:
                self._add_source(event.attributes, behind)
            elif event.name in MESSAGE_EVENTS:
                messages.setdefault(MESSAGE_EVENTS[event.name], []).append(_message(event))
        if messages:
            self._sources.append({concept.value: told for concept, told in messages.items()})
        for concept in messages:
            place = Place(BEHIND_ATTRIBUTES, concept.value, source=len(self._sources) - 1, is_as_sent=True)
            behind.setdefault(concept, []).append(place)
        if behind:
            self._places = {
                concept: (*self._places.get(concept, ()), *sorted(behind.get(concept, ()), key=attrgetter("rank")))
                for concept in self._places.keys() | behind.keys()
            }

    def _add_source(self, attributes: Attributes, behind: dict[Concept, list[Place]]) -> None:
        source = len(self._sources)
        self._sources.append(attributes)
        for concept, places in places_of(attributes).items():
            behind.setdefault(concept, []).extend(
                place._replace(rank=place.rank + BEHIND_ATTRIBUTES, source=source) for place in places
            )


def _has_cut(attributes: Attributes) -> bool:
    for name, value in attributes.items():
        if isinstance(value, str) and (value[:1] in MAY_BEGIN_CUT or value[-1:] in ENDS_OF_TOLD) and name in MEANINGS:
            text = _unquoted(value) if name in QUOTED else value
            if isinstance(text, str) and is_cut(text):
                return True
        elif isinstance(value, list | dict) and holds_too_deep(value):
            return True
    return False


def _unquoted(value: Value) -> Value:
    """Without the quotes of dialects that write every text as JSON."""
    return structure(value) if isinstance(value, str) and value.startswith('"') else value


def _at(value: Value, path: Path) -> Value:
    for step in path:
        if not isinstance(value, dict):
            return None
        value = next(iter(value.values()), None) if step == ANY_KEY else value.get(step)
    return value


def _message(event: SpanEvent) -> Attributes:
    """With its role, which is left out where the name of the event (`gen_ai.user.message`) says it."""
    message = _body(event)
    *_, named, last = ("", *event.name.split("."))
    return {"role": named, **message} if last == "message" and "role" not in message else message


def _body(event: SpanEvent) -> Attributes:
    for name in EVENT_BODIES:
        body = structure(event.attributes.get(name))
        if isinstance(body, dict):
            return body
    return event.attributes
