"""RF210: the run ended without an answer, or was cut off by a step limit."""

import re
from collections.abc import Iterator

from reev_flow.analysis.failure import failure_words
from reev_flow.analysis.final_answer import last_model_call, stated_output
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.model_calls import ModelCall
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Operation, Span

STEP_LIMIT = re.compile(
    r"max(?:imum)?[\s_]?(?:turns?|steps?|iterations?|rounds?|tool[\s_]?calls?)\b.{0,40}(?:exceed|reach|hit)|"
    r"(?:exceed|reach|hit)\w*\b.{0,40}\bmax(?:imum)?[\s_](?:number of )?(?:turns?|steps?|iterations?|rounds?)|"
    r"MaxTurnsExceeded|GraphRecursionError|recursion limit|UsageLimitExceeded|request_limit|iteration limit|step limit|turn limit",
    re.IGNORECASE,
)
ADVICE_LIMIT = "look at the last turns for work that repeats itself; raise the limit only if they made progress"
ADVICE_EMPTY = "let the flow check that there is an answer before it ends, and say so when there is none"
CUT = frozenset({"length", "max_tokens", "MAX_TOKENS", "content_filter", "incomplete"})


def look_for_a_missing_answer(facts: RunFacts) -> Iterator[Observation]:
    """One observation at most. Silent when contents were not recorded, when the outermost span states an output, and when the run
    failed for another reason: the error is then the finding."""
    limited = _cut_by_a_limit(facts)
    if limited is not None:
        words = next((text for text in failure_words(limited) if STEP_LIMIT.search(text)), "")
        yield Observation(
            message=f"the run was cut off by a step limit ({' '.join(words.split())[:100]})",
            advice=ADVICE_LIMIT,
            evidence=(limited.span_id,),
            confidence=0.95,
        )
        return
    last = last_model_call(facts)
    if last is None or last.failed or _failed_otherwise(facts) or stated_output(facts.trace):
        return
    yield from _empty_ending(facts, last)


def _cut_by_a_limit(facts: RunFacts) -> Span | None:
    """The outermost failed span that names a limit and was not inside a run that ended well."""
    for position, span in enumerate(facts.trace.spans):
        if not span.failed or not any(STEP_LIMIT.search(text) for text in failure_words(span)):
            continue
        around = (facts.trace.spans[ancestor] for ancestor in facts.trace.ancestors(position))
        if all(ancestor.failed or ancestor.operation is Operation.OTHER for ancestor in around):
            return span
    return None


def _failed_otherwise(facts: RunFacts) -> bool:
    return any(facts.trace.spans[root].failed for root in facts.trace.roots())


def _empty_ending(facts: RunFacts, last: ModelCall) -> Iterator[Observation]:
    if last.answer:
        return
    if last.asked:
        tools = ", ".join(dict.fromkeys(request.name for request in last.asked))
        message = f"the last thing a model said was to ask for {tools}; no answer followed"
        confidence = 0.7
    elif last.answer == "":
        cut = CUT.intersection(last.finish_reasons)
        why = f" (cut: {', '.join(sorted(cut))})" if cut else ""
        message = f"the last model call gave neither text nor a tool call{why}"
        confidence = 0.8
    else:
        return
    yield Observation(message=message, advice=ADVICE_EMPTY, evidence=(last.span_id,), confidence=confidence)
