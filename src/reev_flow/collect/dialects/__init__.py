"""All dialects as one lookup: what an attribute, a span name or an event means, and which of several counts.

To add a vendor, write its table and give it a place in `DIALECTS`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from reev_flow.collect.dialects.dialect import Concept, Dialect, Kind
from reev_flow.collect.dialects.google_adk import GOOGLE_ADK
from reev_flow.collect.dialects.infrastructure import INFRASTRUCTURE
from reev_flow.collect.dialects.openinference import OPENINFERENCE
from reev_flow.collect.dialects.openllmetry import OPENLLMETRY
from reev_flow.collect.dialects.opentelemetry import OPENTELEMETRY
from reev_flow.collect.dialects.pydantic_ai import PYDANTIC_AI
from reev_flow.collect.dialects.reev import REEV
from reev_flow.collect.dialects.vercel import VERCEL

# On a span that speaks several, an earlier one is believed: those that name a span's kind outright before those that must be read.
DIALECTS = (REEV, OPENINFERENCE, OPENTELEMETRY, OPENLLMETRY, VERCEL, PYDANTIC_AI, GOOGLE_ADK, INFRASTRUCTURE)


class Meaning(NamedTuple):
    """The lower the rank, the more it counts."""

    concept: Concept
    rank: int


def _meanings(dialect: Dialect) -> Iterator[tuple[str, Concept]]:
    yield from ((kind.attribute, Concept.KIND) for kind in dialect.kinds)
    for named in (dialect.attributes, dialect.indexed):
        for concept, names in named.items():
            yield from ((name, concept) for name in names)


def _ranked(pairs: Iterator[tuple[str, Concept]]) -> dict[str, Meaning]:
    """Of two dialects with one name, the earlier has it."""
    ranked: dict[str, Meaning] = {}
    for rank, (name, concept) in enumerate(pairs):
        ranked.setdefault(name, Meaning(concept, rank))
    return ranked


MEANINGS = _ranked(pair for dialect in DIALECTS for pair in _meanings(dialect))
INDEXED_PREFIXES = tuple(prefix for dialect in DIALECTS for listed in dialect.indexed.values() for prefix in listed)
KINDS: dict[str, Kind] = {kind.attribute: kind for dialect in DIALECTS for kind in dialect.kinds}
SPAN_NAMES = tuple(name for dialect in DIALECTS for name in dialect.span_names)
EVENTS_WITH_ATTRIBUTES = frozenset(name for dialect in DIALECTS for name in dialect.events_with_attributes)
MESSAGE_EVENTS = {
    **{name: Concept.INPUT for dialect in DIALECTS for name in dialect.input_events},
    **{name: Concept.OUTPUT_MESSAGES for dialect in DIALECTS for name in dialect.output_events},
}
