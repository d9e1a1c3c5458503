"""How many tokens a run used, each counted once.

Containers often restate what the calls below them used, so the usage of a span is the larger of what it states itself and what the
spans below it used, field by field.
"""

import msgspec

from reev_flow.trace.span import NO_TOKENS, TokenUsage
from reev_flow.trace.trace import NO_PARENT, Trace


class UsageDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A span that states another usage than the spans below it used together."""

    span_id: str
    name: str
    stated: TokenUsage
    below: TokenUsage


class UsageTotals(msgspec.Struct, frozen=True, kw_only=True):
    """`by_position` holds only spans with tokens at or below them."""

    total: TokenUsage
    by_position: dict[int, TokenUsage]
    differences: tuple[UsageDifference, ...]

    def of(self, position: int) -> TokenUsage:
        return self.by_position.get(position, NO_TOKENS)


def count_usage(trace: Trace) -> UsageTotals:
    """Differences are listed where both sides state something, in the order of the trace."""
    below: dict[int, TokenUsage] = {}
    used: dict[int, TokenUsage] = {}
    total = NO_TOKENS
    differences = []
    for position in range(len(trace) - 1, -1, -1):
        span = trace.spans[position]
        beneath = below.get(position)
        if span.usage is None and beneath is None:
            continue
        used[position] = usage = (span.usage or NO_TOKENS).at_least(beneath or NO_TOKENS)
        if span.usage is not None and beneath is not None and _differ(span.usage, beneath):
            differences.append(UsageDifference(span_id=span.span_id, name=span.name, stated=span.usage, below=beneath))
        parent = trace.parents[position]
        if parent == NO_PARENT:
            total = total + usage
        else:
            below[parent] = below[parent] + usage if parent in below else usage
    return UsageTotals(total=total, by_position=used, differences=tuple(reversed(differences)))


def _differ(stated: TokenUsage, below: TokenUsage) -> bool:
    """Input and output decide; a container that leaves out the cached or reasoning part says nothing wrong."""
    return (stated.input, stated.output) != (below.input, below.output) and below.total > 0 and stated.total > 0
