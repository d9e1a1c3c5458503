"""What spans say in `reev.ignore` that leaves out no finding, because something is missing in it."""

from collections.abc import Iterator

import msgspec

from reev_flow.analysis.rules.rulebook import RULES
from reev_flow.trace.semantics import REEV_IGNORE
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace

CODES = frozenset(rule.code for rule in RULES)
MOST_TOLD = 80  # characters of a text


class VoidIgnore(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is what spans say, in so far as it is a text, cut where it is long; `span_ids` are those that say it."""

    text: str
    problem: str
    span_ids: tuple[str, ...]


def void_ignores(trace: Trace) -> tuple[VoidIgnore, ...]:
    """Each text once, in the order of the trace."""
    span_ids: dict[tuple[str, str], dict[str, None]] = {}
    for span in trace.spans:
        if REEV_IGNORE in span.attributes:
            for said in _void(span):
                span_ids.setdefault(said, {})[span.span_id] = None
    return tuple(
        VoidIgnore(text=text, problem=problem, span_ids=tuple(ids)) for (text, problem), ids in span_ids.items()
    )


def _void(span: Span) -> Iterator[tuple[str, str]]:
    value = span.attributes[REEV_IGNORE]
    for text in value if isinstance(value, list) else [value]:
        problem = _problem(text) if isinstance(text, str) else "is no text"
        if problem:
            yield _told(text), problem


def _problem(text: str) -> str:
    code, _, reason = text.partition(":")
    if code.strip().upper() not in CODES:
        return "begins with no code of a finding"
    return "" if reason.strip() else "gives no reason"


def _told(text: object) -> str:
    said = text if isinstance(text, str) else type(text).__name__
    return said if len(said) <= MOST_TOLD else f"{said[:MOST_TOLD]}…"
