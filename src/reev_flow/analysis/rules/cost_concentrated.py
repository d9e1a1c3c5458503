"""RF305: one model call, or one agent in few calls, spent most of a run's tokens."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import median

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import NO_TOKENS
from reev_flow.trace.trace import NO_PARENT

OWNS_MOST = 0.5
ENOUGH_CALLS = 4  # among fewer, one of them spending most says nothing
ENOUGH_AGENTS = 3
WORTH_TELLING = 4_000  # tokens
TIMES_THE_USUAL = 5  # what the run's other calls spent
AGENT_OWNS_MOST = 0.6
FEW_OF_THE_CALLS = 0.34
IS_THE_WORK = 0.5  # a call that writes that much of what it spends does the work it is for
MOSTLY_CACHED = 0.5

LEAST_SURE, SUREST = 0.6, 0.95

ADVICE = "look at what it is sent: cut the input to what is needed, sum up long documents first, or take a smaller model for it"


def look_for_concentrated_cost(facts: RunFacts) -> Iterator[Observation]:
    """One observation at most. Silent when the run has fewer than four calls whose tokens are known, when it spent little, when the call
    spent them on writing, and when a cache served most of its input. An agent needs two others, and to have spent more in fewer calls.
    """
    calls = [call for call in facts.model_calls if call.usage and call.usage.total]
    whole = sum(_tokens(call) for call in calls)
    if len(calls) < ENOUGH_CALLS or whole < WORTH_TELLING:
        return
    largest = max(calls, key=_tokens)
    if _tokens(largest) >= OWNS_MOST * whole:
        yield from _look_at_a_call(largest, calls, whole)
    else:
        yield from _look_at_agents(facts, calls, whole)


def _tokens(call: ModelCall) -> int:
    return call.usage.total if call.usage else 0


def _look_at_a_call(largest: ModelCall, calls: Sequence[ModelCall], whole: int) -> Iterator[Observation]:
    usual = int(median(_tokens(call) for call in calls if call is not largest))
    if _tokens(largest) < TIMES_THE_USUAL * usual or _does_the_work([largest]):
        return
    told = f"one of {len(calls)} model calls ({largest.model or 'model not told'})"
    yield _observe(told, [largest], whole, usual)


def _look_at_agents(facts: RunFacts, calls: Sequence[ModelCall], whole: int) -> Iterator[Observation]:
    by_agent: dict[str, list[ModelCall]] = defaultdict(list)
    for call in calls:
        asker = facts.askers[call.positions[-1]]
        by_agent["" if asker == NO_PARENT else facts.trace.spans[asker].label].append(call)
    name, largest = max(by_agent.items(), key=lambda item: sum(map(_tokens, item[1])))
    is_most = sum(map(_tokens, largest)) >= AGENT_OWNS_MOST * whole
    if len(by_agent) < ENOUGH_AGENTS or not is_most or not name or _does_the_work(largest):
        return
    if len(largest) <= FEW_OF_THE_CALLS * len(calls):
        usual = int(median(_tokens(call) for call in calls))
        yield _observe(f"agent {name}, one of {len(by_agent)}, in {len(largest)} calls", largest, whole, usual)


def _does_the_work(calls: Sequence[ModelCall]) -> bool:
    used = sum((call.usage or NO_TOKENS for call in calls), NO_TOKENS)
    return used.output >= IS_THE_WORK * used.total or used.cache_read >= MOSTLY_CACHED * used.input


def _observe(told: str, calls: Sequence[ModelCall], whole: int, usual: int) -> Observation:
    spent = sum(map(_tokens, calls))
    share = spent / whole
    return Observation(
        message=f"{told} spent {share:.0%} of the run's tokens ({spent:,} of {whole:,})",
        advice=ADVICE,
        evidence=tuple(call.span_id for call in calls),
        saving=Saving(tokens=max(spent - len(calls) * usual, 0)),
        confidence=round(min(SUREST, LEAST_SURE + (share - OWNS_MOST)), 2),
    )
