"""RF210: the run ended without an answer, or was cut off by a step limit."""

from collections.abc import Iterator

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.evidence.final_answer import last_model_call
from reev_flow.analysis.evidence.open_request import (
    gives_back_a_result,
    goes_on,
    hands_over_nothing,
    is_left_open,
    line_of,
    repeats,
    requested,
    says_in_passing,
    wants_tools,
)
from reev_flow.analysis.evidence.step_limit import (
    CAN_BE_LIMITED,
    cut_by_a_limit,
    words_in_place_of_an_answer,
    words_of_a_limit,
)
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning.failure import quoted, was_left_on_purpose
from reev_flow.analysis.meaning.finish_reasons import says_cut
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Flag, Span

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
    limited = cut_by_a_limit(facts)
    if limited is not None:
        yield _observe_limit(limited)
        return
    if last is None:
        return
    words = words_in_place_of_an_answer(facts)
    if words is not None:
        yield _observe_ending(f'in place of an answer the run gave "{quoted(words)}"', last, SURE_OF_A_STAND_IN)
    elif not last.failed and not _ended_otherwise(facts, last):
        yield from _look_at_the_ending(facts, last)


def _observe_limit(limited: Span) -> Observation:
    return Observation(
        message=f"the run was cut off by a step limit ({quoted(words_of_a_limit(limited) or '')})",
        advice=ADVICE_LIMIT,
        evidence=(limited.span_id,),
        confidence=SURE_OF_A_LIMIT,
    )


def _ended_otherwise(facts: RunFacts, last: ModelCall) -> bool:
    """Whether the run failed, was left on purpose, states an output, or has an end that the trace does not show."""
    trace = facts.trace
    roots = [trace.spans[root] for root in trace.roots()]
    in_pieces = len(roots) > 1 and any(Flag.ORPHAN in root.flags for root in roots)
    if in_pieces or any(Flag.UNFINISHED in root.flags for root in roots) or _states_an_output(facts, last):
        return True
    if any(root.failed for root in roots) and not _failed_for_want_of_words(facts):
        return True
    failed = (trace.spans[position] for position in facts.failed_positions)
    return any(span.end_ns > last.start_ns and was_left_on_purpose(span) for span in failed)


def _states_an_output(facts: RunFacts, last: ModelCall) -> bool:
    """What was said in passing is none, nor what the last tool told, where the run gave that back."""
    stated = facts.stated_output
    if not stated or not wants_tools(last):
        return bool(stated)
    is_in_passing = says_in_passing(last) and repeats(stated, last.answer or "")
    return not is_in_passing and not gives_back_a_result(facts, last, stated)


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
    if (last.answer and not says_in_passing(last)) or _was_answered_before(facts, last):
        return
    names = requested(facts, last)
    if names:
        yield from _look_at_what_was_asked(facts, last, names)
    elif last.answer == "":
        yield from _look_at_silence(facts, last)
    elif _was_billed_for_nothing(facts, last):
        yield _observe_ending("the last model call was billed for no words", last, SURE_OF_NO_WORDS)


def _was_billed_for_nothing(facts: RunFacts, last: ModelCall) -> bool:
    """Whether its tokens were recorded and hardly any were written, as some senders leave out what is empty, while all that other calls
    wrote is recorded.
    """
    if last.usage is None or last.usage.input == 0 or last.usage.output > A_FEW_TOKENS:
        return False
    others = [call for call in facts.model_calls if call is not last]
    return bool(others) and all(call.usage and call.usage.output and (call.answer or call.asked) for call in others)


def _was_answered_before(facts: RunFacts, last: ModelCall) -> bool:
    """Whether a model spoke without asking for a tool, and no tool was called after that: what followed was not for the answer. Unless it
    goes on with a conversation that had asked for tools: then the words were for that one, as those of another agent are.
    """
    answered = (call.end_ns for call in facts.model_calls if call.answer and not wants_tools(call))
    last_answer_ns = max(answered, default=None)
    if last_answer_ns is None or any(call.start_ns >= last_answer_ns for call in facts.tool_calls):
        return False
    has_asked = any(wants_tools(call) for call in line_of(facts, last))
    return wants_tools(last) or not has_asked or not goes_on(facts, last)


def _look_at_what_was_asked(facts: RunFacts, last: ModelCall, names: tuple[str, ...]) -> Iterator[Observation]:
    """Silent when the tools asked for may be how the run ends: by their names, or since the run never went on from one of them."""
    told = ", ".join(names)
    if last.asked and all(map(hands_over_nothing, last.asked)):
        yield _observe_ending(f"the run ended by {told}, which was given nothing to say", last, SURE_OF_SILENCE)
    elif is_left_open(facts, last, names):
        message = f"the last thing a model said was to ask for {told}; no answer followed"
        yield _observe_ending(message, last, SURE_OF_AN_OPEN_QUESTION if last.asked else SURE_OF_NO_WORDS)


def _look_at_silence(facts: RunFacts, last: ModelCall) -> Iterator[Observation]:
    """Silent when the model was billed for words that the trace does not hold, or when no model's words were recorded."""
    cut = sorted({reason.lower() for reason in last.finish_reasons if says_cut(reason)})
    said_tokens = last.usage.output - last.usage.reasoning if last.usage else 0
    if cut:
        message = f"the last model call was cut ({', '.join(cut)}) before it gave an answer"
        yield _observe_ending(message, last, SURE_OF_A_CUT)
    elif said_tokens <= A_FEW_TOKENS and (said_tokens or any(call.answer or call.asked for call in facts.model_calls)):
        yield _observe_ending("the last model call gave neither text nor a tool call", last, SURE_OF_SILENCE)


def _observe_ending(message: str, last: ModelCall, confidence: float) -> Observation:
    return Observation(message=message, advice=ADVICE_EMPTY, evidence=(last.span_id,), confidence=confidence)
