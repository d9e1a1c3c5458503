"""RF303: the same large beginning is sent to a model again and again, and its cache never serves it."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from reev_flow.analysis.calls.agent_lines import Line, sent_to
from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning.shared_beginning import shared_beginning, text_length
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import NO_TOKENS

ENOUGH_CALLS = 3
LEAST_CACHED_TOKENS = 1_024  # shorter beginnings are cached nowhere
MOST_OF_IT = 0.5  # of what the earlier call was sent
KEPT_NS = 300_000_000_000  # how long a cache keeps a beginning for sure
WORTH_TELLING = 4_000  # tokens sent again

# Models whose services keep the beginnings of prompts, by family.
HAS_CACHE = re.compile(
    r"claude-(?:[3-9]|opus|sonnet|haiku|fable)|gpt-4o|gpt-4\.\d|gpt-[5-9]|chatgpt-4o|\bo[1-9](?:-|$)|codex|gemini-(?:1\.5|[2-9])|deepseek|grok-|kimi|"
    r"nova-(?:micro|lite|pro|premier)|mistral|ministral|magistral|codestral|devstral|pixtral|minimax|glm-[4-9]|qwen(?:3|-max|-plus)",
    re.IGNORECASE,
)
# As models are named that people run themselves: nobody tells there what a cache served.
RUNS_AT_HOME = re.compile(r":\d+(?:\.\d+)?b(?:$|[-_.])|\blocal\b|gguf", re.IGNORECASE)

SURE_WITH_A_CACHE_IN_USE = 0.85  # the run itself shows that reads of a cache are told
SURE_BY_TEXT = 0.7
SURE_BY_TOKENS = 0.55
SURE_THOUGH_UNSAID = 0.55  # texts prove that calls begin alike, but nothing says that their cache did not serve them


class SentAgain(NamedTuple):
    """Of a line of calls: how many tokens each call but the first shared with the one before, and whether texts prove it."""

    tokens: int
    is_proved: bool


def look_for_uncached_input(facts: RunFacts) -> Iterator[Observation]:
    """One observation for each line of model calls. Silent when anything of the line was read from a cache, when nobody knows of a cache of
    that model, when calls are too short or too far apart to be cached, and when neither texts nor growing tokens show that calls begin
    alike; when the run never says how much was read from a cache, only texts do.
    """
    cached = {
        (call.provider, call.model)
        for call in facts.model_calls
        if call.usage and call.usage.cache_read + call.usage.cache_write
    }
    told = cached | {(call.provider, call.model) for call in facts.model_calls if call.tells_cache}
    for line in facts.agent_lines:
        calls = tuple(call for call in line if not call.failed)
        service = (line[0].provider, line[0].model)
        is_used = service in cached
        if not (is_used or _has_cache(line[0].model)) or not _is_large_and_uncached(calls):
            continue
        again = _sent_again(facts, calls)
        if again.tokens >= WORTH_TELLING and (again.is_proved or service in told):
            yield _observe(calls, again, is_used=is_used, is_told=service in told)


def _has_cache(model: str) -> bool:
    return HAS_CACHE.search(model) is not None and RUNS_AT_HOME.search(model) is None


def _is_large_and_uncached(calls: Line) -> bool:
    if len(calls) < ENOUGH_CALLS:
        return False
    used = [call.usage or NO_TOKENS for call in calls]
    return all(usage.input >= LEAST_CACHED_TOKENS and not usage.cache_read for usage in used)


def _sent_again(facts: RunFacts, calls: Line) -> SentAgain:
    """Nothing, if any two calls that follow each other do not begin alike or are too far apart."""
    tokens = 0
    is_proved = True
    for earlier, later in pairwise(calls):
        shared = _shared_by_text(facts, earlier, later)
        if shared is None:
            is_proved = False
            shared = _shared_by_tokens(earlier, later)
        if shared < LEAST_CACHED_TOKENS or later.start_ns - earlier.end_ns > KEPT_NS:
            return SentAgain(0, is_proved=False)
        tokens += shared
    return SentAgain(tokens, is_proved)


def _shared_by_text(facts: RunFacts, earlier: ModelCall, later: ModelCall) -> int | None:
    """None where the texts are not told; less than most of the earlier one counts as none."""
    sent, sent_next = sent_to(facts.trace, earlier), sent_to(facts.trace, later)
    if sent is None or sent_next is None or earlier.usage is None:
        return None
    length = text_length(sent)
    share = shared_beginning(sent, sent_next) / length if length else 0
    return int(share * earlier.usage.input) if share >= MOST_OF_IT else 0


def _shared_by_tokens(earlier: ModelCall, later: ModelCall) -> int:
    """A history that grows holds what was sent before."""
    if earlier.usage is None or later.usage is None:
        return 0
    return earlier.usage.input if later.usage.input > earlier.usage.input else 0


def _confidence(again: SentAgain, *, is_used: bool, is_told: bool) -> float:
    if not is_told:
        return SURE_THOUGH_UNSAID
    if not again.is_proved:
        return SURE_BY_TOKENS
    return SURE_WITH_A_CACHE_IN_USE if is_used else SURE_BY_TEXT


def _observe(calls: Line, again: SentAgain, *, is_used: bool, is_told: bool) -> Observation:
    served = "none came from its cache" if is_told else "nothing says that its cache served any"
    return Observation(
        message=f"{calls[0].model} was sent the same beginning in {len(calls)} calls in a row, about {again.tokens:,} tokens again, and {served}",
        advice="put what never changes first and what changes last (times and ids too), and mark it for the cache where the service asks for that",
        evidence=tuple(call.span_id for call in calls),
        saving=Saving(tokens=again.tokens),
        confidence=_confidence(again, is_used=is_used, is_told=is_told),
    )
