"""RF210: the run ended without an answer, or was cut off by a step limit."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.evidence.final_answer import last_model_call
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.failure import failure_words, quoted, was_left_on_purpose
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Flag, Operation, Span, ToolRequest, Value

STEP_LIMIT = re.compile(
    r"\bmax(?:imum)?[\s_]?(?:number of )?(?:turns?|steps?|iterations?|rounds?|(?:tool|model)[\s_]?calls?|requests?)\b.{0,40}(?:exceed|reach|hit)|"
    r"(?:exceed|reach|hit)\w*\b.{0,40}\bmax(?:imum)?[\s_](?:number of )?(?:turns?|steps?|iterations?|rounds?|(?:tool|model)[\s_]?calls?)\b|"
    r"MaxTurnsExceeded|MaxIterations\w*Error|GraphRecursionError|\brecursion limit\b|UsageLimitExceeded|\brequest_limit\b|"
    r"\b(?:iteration|step|turn)s? limit\b",
    re.IGNORECASE,
)
# What stands for an answer where a framework ended the run by itself.
SAYS_A_LIMIT = re.compile(
    r"^\W*(?:sorry,? )?need more steps to process|\bstopped (?:due to|because of|after|by) (?:the |an? )?(?:max\w*|iteration|step|turn|time)\b|"
    r"\b(?:reached|hit|exceeded) (?:the )?(?:max(?:imum)?|limit of)\b.{0,30}\b(?:steps?|turns?|iterations?|rounds?|(?:tool|model) calls?)\b",
    re.IGNORECASE,
)
LONGEST_STAND_IN = 300  # characters; longer texts are answers
CAN_BE_LIMITED = frozenset({Operation.FLOW, Operation.AGENT, Operation.STEP, Operation.OTHER})
READ_CHARACTERS = 500

CUT = frozenset({"length", "max_tokens", "max_output_tokens", "content_filter", "incomplete", "safety", "refusal"})
SAID_IN_PASSING = 200  # characters beside a request for a tool: what a model is about to do
NOTHING: tuple[Value, ...] = (None, "", [], {})
A_FEW_TOKENS = 3  # what a model is billed for saying nothing

ADVICE_LIMIT = "look at the last turns for work that repeats itself; raise the limit only if they made progress"
ADVICE_EMPTY = "let the flow check that there is an answer before it ends, and say so when there is none"

SURE_OF_A_LIMIT = 0.95
SURE_OF_A_CUT = 0.9
SURE_OF_SILENCE = 0.75
SURE_OF_AN_OPEN_QUESTION = 0.7
SURE_OF_NO_WORDS = 0.65
SURE_OF_A_STAND_IN = 0.9


def look_for_a_missing_answer(facts: RunFacts) -> Iterator[Observation]:
    """One observation at most. Silent when the outermost flow, agent or step states an output, when the run failed for another reason
    (that error is then the finding), when its end was not recorded, and when what models said was not.
    """
    last = last_model_call(facts)
    limited = _cut_by_a_limit(facts)
    if limited is not None:
        yield _observe_limit(limited)
    elif last is not None and last.asked and _says_a_limit(facts.stated_output):
        words = quoted(facts.stated_output or "")
        yield _observe_ending(f'in place of an answer the run gave "{words}"', last, SURE_OF_A_STAND_IN)
    elif last is not None and not last.failed and not _ended_otherwise(facts):
        yield from _look_at_the_ending(facts, last)


def _cut_by_a_limit(facts: RunFacts) -> Span | None:
    """The outermost span that failed by a limit and was the end of its run: its root failed, or no model was called afterwards and
    no output is stated.
    """
    trace = facts.trace
    roots = list(trace.roots())
    last_start_ns = facts.model_starts_ns[-1] if facts.model_starts_ns else 0
    for position in facts.failed_positions:
        span = trace.spans[position]
        if span.operation in CAN_BE_LIMITED and _names_a_limit(span):
            root = roots[bisect_right(roots, position) - 1]
            if trace.spans[root].failed or (last_start_ns < span.end_ns and not facts.stated_output):
                return span
    return None


def _names_a_limit(span: Span) -> bool:
    return any(STEP_LIMIT.search(text[:READ_CHARACTERS]) for text in failure_words(span))


def _says_a_limit(stated: str | None) -> bool:
    return bool(stated) and len(stated or "") <= LONGEST_STAND_IN and SAYS_A_LIMIT.search(stated or "") is not None


def _observe_limit(limited: Span) -> Observation:
    words = next(text for text in failure_words(limited) if STEP_LIMIT.search(text[:READ_CHARACTERS]))
    return Observation(
        message=f"the run was cut off by a step limit ({quoted(words)})",
        advice=ADVICE_LIMIT,
        evidence=(limited.span_id,),
        confidence=SURE_OF_A_LIMIT,
    )


def _ended_otherwise(facts: RunFacts) -> bool:
    """Whether the run failed, was left on purpose, states an output, or has an end that the trace does not show."""
    trace = facts.trace
    roots = [trace.spans[root] for root in trace.roots()]
    in_pieces = len(roots) > 1 and any(Flag.ORPHAN in root.flags for root in roots)
    if in_pieces or any(Flag.UNFINISHED in root.flags for root in roots) or facts.stated_output:
        return True
    if any(root.failed for root in roots) and not _failed_for_want_of_words(facts):
        return True
    return any(was_left_on_purpose(trace.spans[position]) for position in facts.failed_positions)


def _failed_for_want_of_words(facts: RunFacts) -> bool:
    """Whether nothing failed but flows, agents and steps, for no reason that is known, when the last model call had said nothing."""
    last = last_model_call(facts)
    if last is None or last.answer != "" or last.asked or any(call.start_ns > last.end_ns for call in facts.tool_calls):
        return False
    return all(
        failed.was_made_good
        or (failed.reason.error_class is None and facts.trace.spans[failed.position].operation in CAN_BE_LIMITED)
        for failed in facts.failed_operations
    )


def _look_at_the_ending(facts: RunFacts, last: ModelCall) -> Iterator[Observation]:
    if _is_answer(last) or _was_answered_before(facts):
        return
    if last.asked:
        yield from _look_at_what_was_asked(facts, last)
    elif last.answer is not None:
        yield from _look_at_silence(facts, last)
    elif _was_billed_for_nothing(facts, last):
        yield _observe_ending("the last model call was billed for no words", last, SURE_OF_NO_WORDS)


def _is_answer(last: ModelCall) -> bool:
    """A few words beside a request for a tool are none."""
    return bool(last.answer) and not (last.asked and len(last.answer or "") <= SAID_IN_PASSING)


def _was_billed_for_nothing(facts: RunFacts, last: ModelCall) -> bool:
    """Whether its tokens were recorded and hardly any were written, as some senders leave out what is empty, while all that other calls
    wrote is recorded.
    """
    if last.usage is None or last.usage.input == 0 or last.usage.output > A_FEW_TOKENS:
        return False
    others = [call for call in facts.model_calls if call is not last]
    return bool(others) and all(call.usage and call.usage.output and (call.answer or call.asked) for call in others)


def _was_answered_before(facts: RunFacts) -> bool:
    """Whether a model spoke without asking for a tool, and no tool was called after that: what followed was not for the answer."""
    answered = (call.end_ns for call in facts.model_calls if call.answer and not call.asked)
    last_answer_ns = max(answered, default=None)
    return last_answer_ns is not None and all(call.start_ns < last_answer_ns for call in facts.tool_calls)


def _look_at_what_was_asked(facts: RunFacts, last: ModelCall) -> Iterator[Observation]:
    """Silent when the tools asked for may be how the run ends: by their names, or since the run never went on from one of them."""
    asked = list(dict.fromkeys(request.name for request in last.asked))
    if all(map(_hands_over_nothing, last.asked)):
        yield _observe_ending(
            f"the run ended by {', '.join(asked)}, which was given nothing to say", last, SURE_OF_SILENCE
        )
        return
    went_on_from = {call.name for call in facts.tool_calls if call.end_ns <= last.start_ns}
    if went_on_from.isdisjoint(asked) or any(tool_names.ends(name) for name in asked):
        return
    yield _observe_ending(
        f"the last thing a model said was to ask for {', '.join(asked)}; no answer followed",
        last,
        SURE_OF_AN_OPEN_QUESTION,
    )


def _hands_over_nothing(request: ToolRequest) -> bool:
    given = request.arguments
    return (
        tool_names.ends(request.name)
        and isinstance(given, dict)
        and bool(given)
        and all(value in NOTHING for value in given.values())
    )


def _look_at_silence(facts: RunFacts, last: ModelCall) -> Iterator[Observation]:
    """Silent when the model was billed for words that the trace does not hold, or when no model's words were recorded."""
    cut = CUT.intersection(reason.lower() for reason in last.finish_reasons)
    said_tokens = last.usage.output - last.usage.reasoning if last.usage else 0
    if cut:
        reasons = ", ".join(sorted(cut))
        yield _observe_ending(f"the last model call was cut ({reasons}) before it gave an answer", last, SURE_OF_A_CUT)
    elif said_tokens <= A_FEW_TOKENS and (said_tokens or any(call.answer or call.asked for call in facts.model_calls)):
        yield _observe_ending("the last model call gave neither text nor a tool call", last, SURE_OF_SILENCE)


def _observe_ending(message: str, last: ModelCall, confidence: float) -> Observation:
    return Observation(message=message, advice=ADVICE_EMPTY, evidence=(last.span_id,), confidence=confidence)
