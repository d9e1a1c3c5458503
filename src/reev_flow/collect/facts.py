"""What a span's attributes and events tell, by concept, whatever dialect they are in."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar

from reev_flow.collect.cut_json import is_cut
from reev_flow.collect.dialects import (
    EVENT_BODIES,
    EVENTS_WITH_ATTRIBUTES,
    FIELDS,
    INDEXED_PREFIXES,
    MEANINGS,
    MESSAGE_EVENTS,
    PLACEHOLDERS,
    QUOTED,
    Meaning,
)
from reev_flow.collect.dialects.dialect import Concept, Path
from reev_flow.collect.indexed import unflatten
from reev_flow.collect.readers import structure
from reev_flow.trace.span import Attributes, Span, SpanEvent, Value

Read = TypeVar("Read")

BEHIND_ATTRIBUTES = 1_000  # added to the rank of what is told by events
ANY_KEY = "*"
MOST_NAMES = 16_384  # of attributes whose use is remembered: the same few hundred come again and again
LONGEST_NAME = 256  # no name that means something is longer, and what is remembered must not grow


class Use(NamedTuple):
    """What is done with an attribute because of its name. With a `prefix` it is a piece of a flattened list, at the path `rest`."""

    meaning: Meaning | None
    prefix: str
    rest: str
    is_quoted: bool
    has_fields: bool


class Once:
    """What a reader gives for a value, read once and only if it is asked for."""

    __slots__ = ("_is_read", "_reader", "_value")

    def __init__(self, reader: Callable[[Any], Value], value: Any) -> None:
        self._reader = reader
        self._value = value
        self._is_read = False

    def __call__(self) -> Value:
        if not self._is_read:
            self._value, self._is_read = self._reader(self._value), True
        read: Value = self._value
        return read


class Fact:
    """A value as it was sent, and what it counts."""

    __slots__ = ("attribute", "rank", "value")

    def __init__(self, rank: int, attribute: str, value: Value) -> None:
        self.rank = rank
        self.attribute = attribute
        self.value = value


class LazyFact(Fact):
    """One that is read only when it is asked for, because that takes time: prompts are most of a trace."""

    __slots__ = ("_read",)

    def __init__(self, rank: int, attribute: str, read: Callable[[], Value]) -> None:
        self.rank = rank
        self.attribute = attribute
        self._read = read

    @property
    def value(self) -> Value:  # type: ignore[override] # nobody sets it
        return self._read()


class Facts:
    """Values by concept."""

    def __init__(self, span: Span) -> None:
        self._facts: dict[Concept, list[Fact]] = {}
        self._gather(span.attributes, 0)
        if span.events:
            self._gather_events(span)

    @property
    def are_none(self) -> bool:
        return not self._facts

    @property
    def are_cut(self) -> bool:
        """Whether a limit on the length of attributes cut something that is told here."""
        told = (fact for facts in self._facts.values() for fact in facts if not isinstance(fact, LazyFact))
        return any(isinstance(fact.value, str) and is_cut(fact.value) for fact in told)

    def tells(self, concept: Concept) -> bool:
        return any(fact.value is not None for fact in self._facts.get(concept, ()))

    def ranked(self, concept: Concept) -> list[Fact]:
        """What counts most comes first."""
        facts = self._facts.get(concept)
        if facts is None:
            return []
        return sorted(facts, key=lambda fact: fact.rank) if len(facts) > 1 else facts

    def first(self, concept: Concept, reader: Callable[[Value], Read | None]) -> Read | None:
        """The first value that the reader can make sense of."""
        for fact in self.ranked(concept):
            read = reader(fact.value)
            if read is not None:
                return read
        return None

    def sent(self, concept: Concept) -> Value:
        """The first value that is there, as it was sent."""
        for fact in self.ranked(concept):
            value = fact.value
            if value is not None:
                return value
        return None

    def _gather(self, attributes: Attributes, behind: int) -> None:
        flattened: dict[str, Attributes] = {}
        for name, value in attributes.items():
            use = _use(name) if len(name) <= LONGEST_NAME else None
            if use is None or value in PLACEHOLDERS.get(name, ()):
                continue
            if use.meaning is not None:
                told = _unquoted(value) if use.is_quoted else value
                self._add(use.meaning.concept, Fact(use.meaning.rank + behind, name, told))
            elif use.prefix:
                flattened.setdefault(use.prefix, {})[use.rest] = value
            if use.has_fields:
                self._gather_fields(name, value, behind)
        for prefix, leaves in flattened.items():
            meaning = MEANINGS[prefix]
            self._add(meaning.concept, LazyFact(meaning.rank + behind, prefix, Once(unflatten, leaves)))

    def _gather_fields(self, name: str, value: Value, behind: int) -> None:
        opened = Once(structure, value)
        for path, meaning in FIELDS[name]:
            self._add(meaning.concept, LazyFact(meaning.rank + behind, name, partial(_at, opened, path)))

    def _gather_events(self, span: Span) -> None:
        messages: dict[Concept, list[Value]] = {}
        for event in span.events:
            if event.name in EVENTS_WITH_ATTRIBUTES:
                self._gather(event.attributes, BEHIND_ATTRIBUTES)
            elif event.name in MESSAGE_EVENTS:
                messages.setdefault(MESSAGE_EVENTS[event.name], []).append(_message(event))
        for concept, listed in messages.items():
            self._add(concept, Fact(BEHIND_ATTRIBUTES, "", listed))

    def _add(self, concept: Concept, fact: Fact) -> None:
        self._facts.setdefault(concept, []).append(fact)


@lru_cache(MOST_NAMES)
def _use(name: str) -> Use | None:
    meaning = MEANINGS.get(name)
    prefix = name[: name.find(".", name.find(".") + 1) + 1]
    rest = name[len(prefix) :]
    is_piece = meaning is None and prefix in INDEXED_PREFIXES and rest[:1].isdigit()
    if meaning is None and not is_piece and name not in FIELDS:
        return None
    return Use(meaning, prefix if is_piece else "", rest, name in QUOTED, name in FIELDS)


def _unquoted(value: Value) -> Value:
    """Without the quotes of dialects that write every text as JSON."""
    return structure(value) if isinstance(value, str) and value.startswith('"') else value


def _at(opened: Callable[[], Value], path: Path) -> Value:
    value = opened()
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
