"""What a group of spans took of a run: time on its path, tokens, and calls of models."""

from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import NO_TOKENS, TokenUsage


class SpanShares:
    """Spans that lie in others of their group are counted once."""

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts

    def positions(self, span_ids: Iterable[str]) -> list[int]:
        """Of ids that the trace has; the first span of those that share an id."""
        known = self._by_id
        return [known[span_id] for span_id in span_ids if span_id in known]

    def outermost(self, positions: Iterable[int]) -> list[int]:
        """In the order of the trace."""
        ends = self.facts.trace.subtree_ends
        found: list[int] = []
        covered = 0
        for position in sorted(positions):
            if position >= covered:
                found.append(position)
                covered = ends[position]
        return found

    def owned_ns(self, positions: Iterable[int]) -> int:
        """The part of the flow's path that the spans and everything below them own."""
        sums, ends = self._sums_ns, self.facts.trace.subtree_ends
        return sum(sums[ends[position]] - sums[position] for position in self.outermost(positions))

    def usage(self, positions: Iterable[int]) -> TokenUsage:
        usage = self.facts.usage
        if not usage.by_position:
            return NO_TOKENS
        return sum((usage.of(position) for position in self.outermost(positions)), NO_TOKENS)

    def model_calls(self, positions: Iterable[int]) -> list[ModelCall]:
        """Those in the spans and in everything below them."""
        starts, calls = self._placed_calls
        ends = self.facts.trace.subtree_ends
        ranges = ((bisect_left(starts, at), bisect_left(starts, ends[at])) for at in self.outermost(positions))
        return [call for first, end in ranges for call in calls[first:end]]

    def first_model_call(self, positions: Iterable[int]) -> ModelCall | None:
        """The first of the run that one of the spans tells of."""
        number = min((known for at in positions if (known := self._call_of.get(at)) is not None), default=None)
        return None if number is None else self.facts.model_calls[number]

    @cached_property
    def _placed_calls(self) -> tuple[list[int], list[ModelCall]]:
        """By the first span that tells of each."""
        calls = sorted(self.facts.model_calls, key=lambda call: call.positions[0])
        return [call.positions[0] for call in calls], calls

    @cached_property
    def _call_of(self) -> dict[int, int]:
        """The number of the first call that a span tells of, by its position."""
        calls = self.facts.model_calls
        return {at: number for number in range(len(calls) - 1, -1, -1) for at in calls[number].positions}

    @cached_property
    def _sums_ns(self) -> list[int]:
        return list(accumulate(self.facts.spans.operation_critical_ns, initial=0))

    @cached_property
    def _by_id(self) -> dict[str, int]:
        spans = self.facts.trace.spans
        return {spans[position].span_id: position for position in range(len(spans) - 1, -1, -1)}
