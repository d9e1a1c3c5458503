"""What a span's attributes and events tell, by concept, whatever dialect they are in."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from reev_flow.collect.dialects import EVENTS_WITH_ATTRIBUTES, INDEXED_PREFIXES, MEANINGS, MESSAGE_EVENTS
from reev_flow.collect.dialects.dialect import Concept
from reev_flow.collect.indexed import unflatten
from reev_flow.trace.span import Attributes, Span, SpanEvent, Value

Read = TypeVar("Read")

BEHIND_ATTRIBUTES = 1_000  # added to the rank of what is told by events


class Fact(NamedTuple):
    rank: int
    attribute: str
    value: Value


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
        return next((fact.value for fact in self.ranked(concept) if fact.value is not None), None)

    def _gather(self, attributes: Attributes, behind: int) -> None:
        flattened: dict[str, Attributes] = {}
        for name, value in attributes.items():
            meaning = MEANINGS.get(name)
            if meaning is not None:
                self._add(meaning.concept, Fact(meaning.rank + behind, name, value))
            elif name.startswith(INDEXED_PREFIXES):
                prefix = next(prefix for prefix in INDEXED_PREFIXES if name.startswith(prefix))
                flattened.setdefault(prefix, {})[name.removeprefix(prefix)] = value
        for prefix, leaves in flattened.items():
            meaning = MEANINGS[prefix]
            self._add(meaning.concept, Fact(meaning.rank + behind, prefix, unflatten(leaves)))

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


def _message(event: SpanEvent) -> Attributes:
    """With its role, which is left out where the name of the event (`gen_ai.user.message`) says it."""
    *_, named, last = ("", *event.name.split("."))
    return (
        {"role": named, **event.attributes}
        if last == "message" and "role" not in event.attributes
        else event.attributes
    )
