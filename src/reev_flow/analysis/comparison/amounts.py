"""What each operation of a run owns of its time, tokens and cost: the parts sum to the whole exactly."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

import msgspec

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.comparison.operations import Operations
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import NO_TOKENS, TokenUsage
from reev_flow.trace.trace import NO_PARENT

CostOf: TypeAlias = Callable[[ModelCall], Decimal | None]
"""What a model call cost in dollars; None where its price is not known."""


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """Time on the critical path, tokens and dollars. As a difference, any of them may be negative."""

    duration_ns: int = 0
    tokens: TokenUsage = NO_TOKENS
    cost: Decimal = Decimal(0)

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            duration_ns=self.duration_ns + other.duration_ns,
            tokens=self.tokens + other.tokens,
            cost=self.cost + other.cost,
        )

    def __sub__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            duration_ns=self.duration_ns - other.duration_ns,
            tokens=less(self.tokens, other.tokens),
            cost=self.cost - other.cost,
        )


NOTHING = Amounts()


class Owned(msgspec.Struct, frozen=True, kw_only=True):
    """`by_operation` are the amounts of each operation alone, without what is below it; `outside` is what belongs to none."""

    total: Amounts
    by_operation: Sequence[Amounts]
    outside: Amounts


def owned_amounts(operations: Operations, facts: RunFacts, cost_of: CostOf | None) -> Owned:
    times = _times(operations, facts)
    tokens = _tokens(operations, facts)
    costs = _costs(operations, facts, cost_of)
    amounts = [
        Amounts(duration_ns=time_ns, tokens=tokens.get(index, NO_TOKENS), cost=costs.get(index, Decimal(0)))
        if time_ns or index in tokens or index in costs
        else NOTHING
        for index, time_ns in enumerate(times)
    ]
    total = Amounts(
        duration_ns=facts.trace.duration_ns, tokens=facts.usage.total, cost=sum(costs.values(), start=Decimal(0))
    )
    outside = Amounts(
        duration_ns=facts.trace.duration_ns - sum(times), tokens=tokens.get(NO_PARENT, NO_TOKENS), cost=Decimal(0)
    )
    return Owned(total=total, by_operation=amounts, outside=outside)


def less(tokens: TokenUsage, other: TokenUsage) -> TokenUsage:
    return TokenUsage(
        input=tokens.input - other.input,
        output=tokens.output - other.output,
        cache_read=tokens.cache_read - other.cache_read,
        cache_write=tokens.cache_write - other.cache_write,
        reasoning=tokens.reasoning - other.reasoning,
    )


def _times(operations: Operations, facts: RunFacts) -> list[int]:
    owned = [0] * len(operations)
    for owner, blame_ns in zip(operations.owners, facts.spans.operation_critical_ns, strict=True):
        if owner != NO_PARENT:
            owned[owner] += blame_ns
    return owned


def _tokens(operations: Operations, facts: RunFacts) -> dict[int, TokenUsage]:
    """Of those that own any. What a span used counts for its operation, less what spans below it used, as that counts for theirs."""
    owned: dict[int, TokenUsage] = {}
    for position, used in facts.usage.by_position.items():
        owner = operations.owners[position]
        owned[owner] = owned.get(owner, NO_TOKENS) + used
        parent = operations.trace.parents[position]
        if parent != NO_PARENT:
            above = operations.owners[parent]
            owned[above] = less(owned.get(above, NO_TOKENS), used)
    return {owner: tokens for owner, tokens in owned.items() if tokens != NO_TOKENS}


def _costs(operations: Operations, facts: RunFacts, cost_of: CostOf | None) -> dict[int, Decimal]:
    if cost_of is None:
        return {}
    costs = ((operations.owners[call.positions[-1]], cost_of(call)) for call in facts.model_calls)
    return {owner: cost for owner, cost in costs if cost is not None}
