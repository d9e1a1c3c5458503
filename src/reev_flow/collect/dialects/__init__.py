"""All dialects as one lookup: what an attribute, a span name or an event means, and which of several counts.

To add a vendor, write its table and give it a place in `DIALECTS`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from reev_flow.collect.dialects.a2a import A2A
from reev_flow.collect.dialects.beeai import BEEAI
from reev_flow.collect.dialects.dbos import DBOS
from reev_flow.collect.dialects.dialect import Concept, Dialect, Kind, Path
from reev_flow.collect.dialects.google_adk import GOOGLE_ADK
from reev_flow.collect.dialects.infrastructure import INFRASTRUCTURE
from reev_flow.collect.dialects.ioa_observe import IOA_OBSERVE
from reev_flow.collect.dialects.langfuse import LANGFUSE
from reev_flow.collect.dialects.langsmith import LANGSMITH
from reev_flow.collect.dialects.logfire import LOGFIRE
from reev_flow.collect.dialects.mcp import MCP
from reev_flow.collect.dialects.mlflow import MLFLOW
from reev_flow.collect.dialects.openinference import OPENINFERENCE
from reev_flow.collect.dialects.openllmetry import OPENLLMETRY
from reev_flow.collect.dialects.opentelemetry import OPENTELEMETRY
from reev_flow.collect.dialects.pydantic_ai import PYDANTIC_AI
from reev_flow.collect.dialects.reev import REEV
from reev_flow.collect.dialects.smolagents import SMOLAGENTS
from reev_flow.collect.dialects.temporal import TEMPORAL
from reev_flow.collect.dialects.vercel import VERCEL

# On a span that speaks several, an earlier one is believed: those that name a span's kind outright before those that must be read.
# LangSmith, Langfuse and MLflow write OpenTelemetry's words beside their own, and less exactly.
DIALECTS = (
    REEV,
    LANGFUSE,
    OPENINFERENCE,
    LANGSMITH,
    MLFLOW,
    OPENTELEMETRY,
    OPENLLMETRY,
    IOA_OBSERVE,
    VERCEL,
    PYDANTIC_AI,
    LOGFIRE,
    SMOLAGENTS,
    BEEAI,
    GOOGLE_ADK,
    MCP,
    A2A,
    DBOS,
    TEMPORAL,
    INFRASTRUCTURE,
)


class Meaning(NamedTuple):
    """The lower the rank, the more it counts."""

    concept: Concept
    rank: int


class FieldMeaning(NamedTuple):
    """What a field of a structured attribute tells."""

    path: Path
    meaning: Meaning


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


def _fields(first_rank: int) -> dict[str, tuple[FieldMeaning, ...]]:
    """Behind all attributes that tell the same outright."""
    fields: dict[str, list[FieldMeaning]] = {}
    rank = first_rank
    for inside in (inside for dialect in DIALECTS for inside in dialect.inside):
        for concept, paths in inside.fields.items():
            for path in paths:
                fields.setdefault(inside.attribute, []).append(FieldMeaning(path, Meaning(concept, rank)))
                rank += 1
    return {name: tuple(listed) for name, listed in fields.items()}


MEANINGS = _ranked(pair for dialect in DIALECTS for pair in _meanings(dialect))
FIELDS = _fields(len(MEANINGS))
INDEXED_PREFIXES = frozenset(prefix for dialect in DIALECTS for listed in dialect.indexed.values() for prefix in listed)
KINDS: dict[str, Kind] = {kind.attribute: kind for dialect in DIALECTS for kind in dialect.kinds}
SPAN_NAMES = tuple(name for dialect in DIALECTS for name in dialect.span_names)
QUOTED = frozenset(
    name for dialect in DIALECTS if dialect.quotes_text for names in dialect.attributes.values() for name in names
)
BEGINNINGS = tuple(beginning for dialect in DIALECTS for beginning in dialect.beginnings)
FAILURES = tuple(failure for dialect in DIALECTS for failure in dialect.failures)
EVENTS_WITH_ATTRIBUTES = frozenset(name for dialect in DIALECTS for name in dialect.events_with_attributes)
EVENT_BODIES = tuple(name for dialect in DIALECTS for name in dialect.event_bodies)
PLACEHOLDERS = {name: values for dialect in DIALECTS for name, values in dialect.placeholders.items()}
MESSAGE_EVENTS = {
    **{name: Concept.INPUT for dialect in DIALECTS for name in dialect.input_events},
    **{name: Concept.OUTPUT_MESSAGES for dialect in DIALECTS for name in dialect.output_events},
}
