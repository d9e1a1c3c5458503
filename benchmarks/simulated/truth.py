"""What only the whole run can decide: shares of its time and of its tokens, and what lies between clear and clearly not.

Between the two is what people would argue about; it counts neither way.
"""

from collections import defaultdict
from statistics import median

import msgspec

from simulated.agent import Agent
from simulated.deeds import ModelDeed, ToolDeed
from simulated.labels import Claim

SECOND = 1_000_000_000
OWNS, MAY_OWN = 0.55, 0.35  # of the run's time
SPENT, MAY_BE_SPENT = 0.6, 0.3  # of the run's tokens
STOOD, MAY_STAND = 0.2, 0.08
MAY_BE_SLOW = 3.0  # times the median of the same tool
CACHEABLE_TOKENS = 1_024
STILL_GROWING = 0.25  # of all growth, in the last third of the calls
GROWN, LARGE_TOKENS = 3.0, 3_000


def settle(agent: Agent) -> None:
    """Adds to what the agent's behaviours claimed."""
    _time(agent)
    _gaps(agent)
    _outliers(agent)
    _tokens(agent)
    _context(agent)
    _withdraw(agent)
    agent.expected = [_with_requests(claim, agent) for claim in agent.expected]
    agent.debatable = [_with_requests(claim, agent) for claim in agent.debatable]


def _withdraw(agent: Agent) -> None:
    """What came to rest, and what was lost with everything else, may be argued about."""
    doubtful = {"RF304"} if agent.diary.failure else set()
    sent = [deed.input_tokens for deed in agent.diary.models if deed.agent == agent.name and deed.input_tokens]
    if sent and sent[-1] - sent[-1 - len(sent) // 3] < STILL_GROWING * (max(sent) - sent[0]):
        doubtful.add("RF301")
    agent.debatable += [claim for claim in agent.expected if claim.code in doubtful]
    agent.expected = [claim for claim in agent.expected if claim.code not in doubtful]


def _with_requests(claim: Claim, agent: Agent) -> Claim:
    """What is true of a call may be told of the request that it sent."""
    below = tuple(span for above in claim.spans for span in agent.below.get(above, ()))
    return msgspec.structs.replace(claim, spans=(*claim.spans, *below))


def _run_ns(agent: Agent) -> int:
    _, start_ns, end_ns = agent.diary.root
    return max(end_ns - start_ns, 1)


def _finished(agent: Agent) -> list[ToolDeed | ModelDeed]:
    deeds: list[ToolDeed | ModelDeed] = [*agent.diary.tools, *agent.diary.models]
    return [deed for deed in deeds if deed.end_ns]


def _time(agent: Agent) -> None:
    whole_ns = _run_ns(agent)
    for deed in _finished(agent):
        share = deed.duration_ns / whole_ns
        if deed.span_id in agent.owners and share >= OWNS:
            agent.expect("RF106", deed.span_id, because=f"owns {share:.0%} of the run")
        elif share >= MAY_OWN and deed.span_id not in agent.patient and not _wrote_much(deed, agent):
            agent.may("RF106", deed.span_id)


def _wrote_much(deed: ToolDeed | ModelDeed, agent: Agent) -> bool:
    return isinstance(deed, ModelDeed) and deed.duration_ns < 2 * SECOND * max(deed.output_tokens, 50) * agent.pace


def _gaps(agent: Agent) -> None:
    for start_ns, end_ns in agent.gaps:
        share = (end_ns - start_ns) / _run_ns(agent)
        if share >= STOOD:
            agent.expect("RF107", because=f"stands still for {share:.0%} of the run")
        elif share >= MAY_STAND:
            agent.may("RF107")


def _outliers(agent: Agent) -> None:
    by_tool: dict[str, list[ToolDeed]] = defaultdict(list)
    for deed in agent.diary.tools:
        if deed.end_ns:
            by_tool[deed.asked.tool.name].append(deed)
    for deeds in by_tool.values():
        usual_ns = median(deed.duration_ns for deed in deeds)
        for deed in deeds if len(deeds) >= 3 else ():
            if deed.duration_ns > MAY_BE_SLOW * usual_ns and deed.span_id not in agent.slow:
                agent.may("RF108", deed.span_id)
    for span_id in agent.owners:  # one of a kind, but slow beside all others
        agent.may("RF108", span_id)


def _tokens(agent: Agent) -> None:
    spent = [(deed, deed.input_tokens + deed.output_tokens) for deed in agent.diary.models]
    whole = sum(tokens for _, tokens in spent) or 1
    planned = {spans[0]: spans for spans in agent.spenders}
    for deed, tokens in spent:
        share = tokens / whole
        if deed.span_id in planned and share >= SPENT and len(spent) >= 4:
            agent.expect("RF305", *planned[deed.span_id], because=f"spends {share:.0%} of the tokens")
        elif share >= MAY_BE_SPENT and not agent.report_words and not agent.caches:
            agent.may("RF305", *planned.get(deed.span_id, (deed.span_id,)))
    by_agent: dict[str, int] = defaultdict(int)
    for deed, tokens in spent:
        by_agent[deed.agent] += tokens
    if len(by_agent) > 1 and max(by_agent.values()) / whole >= SPENT:
        agent.may("RF305")


def _context(agent: Agent) -> None:
    sent = [deed.input_tokens for deed in agent.diary.models if deed.agent == agent.name and deed.input_tokens]
    if not sent:
        return
    if max(sent) >= LARGE_TOKENS and max(sent) / min(sent) >= GROWN:
        agent.may("RF301")
    uncached = [deed for deed in agent.diary.models if deed.input_tokens >= CACHEABLE_TOKENS and not deed.cached_tokens]
    if len(uncached) >= 3 and not agent.caches:
        agent.may("RF303")
