"""RF301: what a model is sent grows from call to call, and nothing is ever left out or summed up."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from reev_flow.analysis.calls.agent_lines import Line, sent_to
from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning.shared_beginning import shared_in_place, text_length
from reev_flow.analysis.run_facts import RunFacts

ENOUGH_CALLS = 5
LARGE_TOKENS = 4_000  # what is sent in the end, at least
GROWN = 3  # times what was sent first
MUCH_SENT_AGAIN = 8_000  # tokens beyond what each call would need if news were sent once
SHRUNK = 0.9  # of the call before: something was left out
BEYOND = 1.5  # times the size at which something was left out before
ONE_STEP = 0.5  # of all growth: one large document is no habit
MOSTLY_CACHED = 0.5  # of what was sent
KEPT = 0.5  # of what a call was sent and the next one is sent too

LEAST_SURE, SUREST = 0.7, 0.95


def look_for_growing_context(facts: RunFacts) -> Iterator[Observation]:
    """One observation for each line of model calls, from the last time on that a call was sent clearly less than the one before. Silent when
    things are left out at about the present size, when one large document makes up most of the growth, when a cache served most of what
    was sent, where texts show that calls do not go on with what the one before was sent, and where a call does not tell its tokens.
    """
    for line in facts.agent_lines:
        calls = _since_shrinking(tuple(call for call in line if not call.failed))
        if len(calls) >= ENOUGH_CALLS and _grows([_sent(call) for call in calls]) and _go_on(facts, calls):
            yield from _observe(calls)


def _sent(call: ModelCall) -> int:
    return call.usage.input if call.usage else 0


def _since_shrinking(calls: Line) -> Line:
    """The calls since something was left out for the last time; none if that was done at about the size that is sent now."""
    first, largest_left = 0, 0
    for number, (earlier, later) in enumerate(pairwise(map(_sent, calls)), start=1):
        if later < SHRUNK * earlier:
            first, largest_left = number, max(largest_left, earlier)
    return calls[first:] if calls and _sent(calls[-1]) > BEYOND * largest_left else ()


def _grows(sent: Sequence[int]) -> bool:
    growth = sent[-1] - sent[0]
    if sent[-1] < LARGE_TOKENS or sent[0] <= 0 or sent[-1] < GROWN * sent[0]:
        return False
    return max(later - earlier for earlier, later in pairwise(sent)) <= ONE_STEP * growth


def _go_on(facts: RunFacts, calls: Line) -> bool:
    """Whether the last calls were sent what the one before was, as far as texts are told: large inputs may also be of different jobs."""
    sent = [sent_to(facts.trace, call) for call in calls[-ENOUGH_CALLS:]]
    known = [pair for pair in pairwise(sent) if None not in pair]
    return all(shared_in_place(*pair) >= KEPT * text_length(pair[0]) for pair in known)


def _observe(calls: Line) -> Iterator[Observation]:
    used = [call.usage for call in calls if call.usage]
    sent = [usage.input for usage in used]
    again = sum(sent) - len(sent) * sent[0] - (sent[-1] - sent[0])
    cached = sum(usage.cache_read for usage in used)
    if again < MUCH_SENT_AGAIN or cached >= MOSTLY_CACHED * sum(sent):
        return
    factor = sent[-1] / sent[0]
    yield Observation(
        message=f"the input of {calls[0].model or 'a model'} grew from {sent[0]:,} to {sent[-1]:,} tokens in {len(sent)} calls, "
        "and nothing was ever left out",
        advice="sum up or drop what is done with: old tool results first, kept outside and fetched again when needed",
        evidence=tuple(call.span_id for call in calls),
        saving=Saving(tokens=max(again - cached, 0)),
        confidence=round(min(SUREST, LEAST_SURE + 0.02 * (factor - GROWN) + 0.01 * (len(sent) - ENOUGH_CALLS)), 2),
    )
