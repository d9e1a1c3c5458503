"""What a span's attributes and events tell, by concept, whatever dialect they are in."""

from collections.abc import Callable
from typing import TypeVar

from reev_flow.collect.cut_json import is_cut
from reev_flow.collect.dialects import (
    EVENT_BODIES,
    EVENTS_WITH_ATTRIBUTES,
    FIELDS,
    INDEXED_PREFIXES,
    MEANINGS,
    MESSAGE_EVENTS,
    QUOTED,
)
from reev_flow.collect.dialects.dialect import Concept, Path
from reev_flow.collect.indexed import unflatten
from reev_flow.collect.readers import structure
from reev_flow.trace.span import Attributes, Span, SpanEvent, Value

Read = TypeVar("Read")

BEHIND_ATTRIBUTES = 1_000  # added to the rank of what is told by events
ANY_KEY = "*"


class Fact:
    """A value and what it counts. A flattened list is put together only when it is asked for: prompts are most of a trace."""

    __slots__ = ("_leaves", "_value", "attribute", "rank")

    def __init__(self, rank: int, attribute: str, value: Value = None, *, leaves: Attributes | None = None) -> None:
        self.rank = rank
        self.attribute = attribute
        self._value = value
        self._leaves = leaves

    @property
    def value(self) -> Value:
        if self._leaves is not None:
            self._value, self._leaves = unflatten(self._leaves), None
        return self._value

    @property
    def is_cut(self) -> bool:
        return is_cut(self._value)


class Facts:
    """Values by concept, as they were sent. They are read only when they are asked for, because some are large."""

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
        return any(fact.is_cut for facts in self._facts.values() for fact in facts)

    def tells(self, concept: Concept) -> bool:
        return concept in self._facts

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
            if fact.value is not None:
                return fact.value
        return None

    def _gather(self, attributes: Attributes, behind: int) -> None:
        flattened: dict[str, Attributes] = {}
        for name, value in attributes.items():
            meaning = MEANINGS.get(name)
            if meaning is not None:
                self._add(meaning.concept, Fact(meaning.rank + behind, name, _unquoted(name, value)))
            elif name.startswith(INDEXED_PREFIXES):
                prefix = next(prefix for prefix in INDEXED_PREFIXES if name.startswith(prefix))
                flattened.setdefault(prefix, {})[name.removeprefix(prefix)] = value
            if name in FIELDS:
                self._gather_fields(name, value, behind)
        for prefix, leaves in flattened.items():
            meaning = MEANINGS[prefix]
            self._add(meaning.concept, Fact(meaning.rank + behind, prefix, leaves=leaves))

    def _gather_fields(self, name: str, value: Value, behind: int) -> None:
        opened = structure(value)
        for path, meaning in FIELDS[name]:
            told = _at(opened, path)
            if told is not None:
                self._add(meaning.concept, Fact(meaning.rank + behind, name, told))

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


def _unquoted(name: str, value: Value) -> Value:
    """Without the quotes of dialects that write every text as JSON."""
    return structure(value) if name in QUOTED and isinstance(value, str) and value.startswith('"') else value


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
