"""How many tokens a span states, whatever parts of the sum it states."""

from reev_flow.collect.dialects.dialect import Concept
from reev_flow.collect.facts import Facts
from reev_flow.collect.readers import integer
from reev_flow.trace.span import TokenUsage

COUNTS = (
    Concept.INPUT_TOKENS,
    Concept.OUTPUT_TOKENS,
    Concept.CACHE_READ_TOKENS,
    Concept.CACHE_WRITE_TOKENS,
    Concept.REASONING_TOKENS,
)
STATED = (*COUNTS, Concept.TOTAL_TOKENS)


def read_usage(facts: Facts) -> TokenUsage | None:
    """None when the span states nothing.

    Cached tokens that do not fit into the input, or without which the stated total is not reached, were counted beside it, and are
    added; reasoning and output likewise. Where only a total is stated, what is missing to it is input when both are unknown, else
    the one that is unknown.
    """
    if not facts.mention(STATED):  # as on most spans
        return None
    stated = [facts.first(concept, integer) for concept in COUNTS]
    total = facts.first(Concept.TOTAL_TOKENS, integer)
    if total is None and all(count is None for count in stated):
        return None
    given, produced, *rest = stated
    cache_read, cache_write, reasoning = (count or 0 for count in rest)
    if given is None:
        given = max((total or 0) - (produced or 0), 0)
    if produced is None:
        produced = max((total or 0) - given, 0)
    cached = cache_read + cache_write
    missing = (total or 0) - given - produced
    return TokenUsage(
        input=given + _beside(given, cached, missing in {cached, cached + reasoning}),
        output=produced + _beside(produced, reasoning, missing in {reasoning, cached + reasoning}),
        cache_read=cache_read,
        cache_write=cache_write,
        reasoning=reasoning,
    )


def _beside(sum_of_all: int, part: int, is_missing: bool) -> int:  # noqa: FBT001 - two callers, one above the other
    """What of a part has to be added to a sum for the sum to have it."""
    return part if is_missing or sum_of_all < part else 0
