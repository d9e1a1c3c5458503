"""Patterns that are as they should be: work side by side, polls, retries that went well, and agents that hand over."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.evidence.informative import says_that_work_goes_on
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT

MANY_AT_ONCE = 3
MANY_POLLS = 3


class Seen(msgspec.Struct, frozen=True):
    """One time that a pattern was seen: the positions of the spans that show it, and of those whose time and tokens it is about."""

    positions: tuple[int, ...]
    spent_in: tuple[int, ...]
    idle_ns: int = 0

    @classmethod
    def in_all(cls, positions: Sequence[int]) -> "Seen":
        return cls(tuple(positions), tuple(positions))


def fan_outs(facts: RunFacts) -> Iterator[Seen]:
    """At least three pieces of work of one flow or agent that all ran at one moment."""
    by_asker: dict[int, list[int]] = {}
    for position in facts.spans.leaf_work:
        by_asker.setdefault(facts.askers[position], []).append(position)
    for positions in by_asker.values():
        if len(positions) >= MANY_AT_ONCE:
            yield from _at_once(positions, facts)


def _at_once(positions: Sequence[int], facts: RunFacts) -> Iterator[Seen]:
    """From the first start on, as many as began before any of them had ended; no piece is in two groups."""
    spans = facts.trace.spans
    group: list[int] = []
    first_end_ns = 0
    for position in sorted(positions, key=lambda position: spans[position].start_ns):
        span = spans[position]
        if group and span.start_ns >= first_end_ns:
            if len(group) >= MANY_AT_ONCE:
                yield Seen.in_all(group)
            group = []
        first_end_ns = min(first_end_ns, span.end_ns) if group else span.end_ns
        group.append(position)
    if len(group) >= MANY_AT_ONCE:
        yield Seen.in_all(group)


def polls(facts: RunFacts) -> Iterator[Seen]:
    """One question asked at least three times, one after the other, of a tool that watches, waits, or tells that work goes on."""
    by_tool: dict[tuple[int, str], list[ToolCall]] = {}
    for call in facts.tool_calls:
        by_tool.setdefault((facts.askers[call.position], call.name), []).append(call)
    for (_, name), calls in by_tool.items():
        if len(calls) < MANY_POLLS or not _may_poll(name, calls):
            continue
        by_question: dict[bytes, list[ToolCall]] = {}
        for call in calls:
            by_question.setdefault(facts.questions.asked(call), []).append(call)
        for asked in by_question.values():
            follows = all(later.start_ns >= earlier.end_ns for earlier, later in pairwise(asked))
            if len(asked) >= MANY_POLLS and follows:
                yield Seen.in_all([call.position for call in asked])


def _may_poll(name: str, calls: Sequence[ToolCall]) -> bool:
    return tool_names.watches(name) or tool_names.waits(name) or says_that_work_goes_on(calls[0].result)


def made_good_retries(facts: RunFacts) -> Iterator[Seen]:
    """Every go at a question that failed and then went well."""
    for one in facts.retried_calls:
        if one.went_well:
            yield Seen.in_all([call.position for call in one.calls])


def hand_offs(facts: RunFacts) -> Iterator[Seen]:
    """An agent and the next one: inside of it, or begun by the same asker after it had ended. Another go of the same agent is none."""
    spans = facts.trace.spans
    last_of: dict[int, int] = {}  # by asker, its agent that began last
    for position, span in enumerate(spans):
        if span.operation is not Operation.AGENT:
            continue
        asker = facts.askers[position]
        before = last_of.get(asker)
        last_of[asker] = position
        follows = before is not None and spans[before].end_ns <= span.start_ns
        giver = before if follows else asker
        if giver is None or giver == NO_PARENT or spans[giver].operation is not Operation.AGENT:
            continue
        if spans[giver].label != span.label:
            yield Seen((giver, position), (position,))
