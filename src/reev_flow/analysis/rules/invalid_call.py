"""RF208: a model asked for a tool that does not exist, or gave arguments that the tool does not take."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping

import msgspec

from reev_flow.analysis.calls.agent_lines import sent_to
from reev_flow.analysis.calls.tool_calls import AskedCall, ToolCall
from reev_flow.analysis.evidence.refused_request import refused_requests
from reev_flow.analysis.evidence.told_answer import told_answer
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.failure import failure_words, quoted
from reev_flow.analysis.meaning.refused_calls import (
    NO_SUCH_TOOL,
    is_about_reading_these,
    says_not_valid,
)
from reev_flow.analysis.run_facts import RunFacts

READ_CHARACTERS = 1_000
SURE_BY_ANSWER, SURE_BY_WORDS, SURE_BY_SILENCE = 0.9, 0.85, 0.6


class Invalid(msgspec.Struct, frozen=True):
    """What a call was told."""

    span_id: str
    words: str
    is_missing_tool: bool


def look_for_invalid_calls(facts: RunFacts) -> Iterator[Observation]:
    """One observation a tool and kind. Whether the next try was better makes no difference: a turn was lost. A tool that was asked for and
    never called counts when others that were asked for beside it were, and the model was asked again.
    """
    by_tool: dict[tuple[str, bool], list[Invalid]] = {}
    for call in facts.tool_calls:
        found = _refused(call, facts)
        if found is not None:
            by_tool.setdefault((call.name, found.is_missing_tool), []).append(found)
    for name, told in _never_made(facts):
        by_tool.setdefault((name, told.is_missing_tool), []).append(told)
    for (name, is_missing), refused in by_tool.items():
        yield _observe(name, refused, is_missing=is_missing)
    yield from _never_called(facts, {name for name, _ in by_tool})


def _refused(call: ToolCall, facts: RunFacts) -> Invalid | None:
    told = facts.reported_failures.get(call.position)
    texts = [told] if told else []
    if call.failed:
        texts = [*([call.error] if call.error else []), *failure_words(facts.trace.spans[call.position])]
    for text in texts:
        said = text[:READ_CHARACTERS]
        if tool_names.runs(call.name) and call.name not in said:
            continue  # what it was given to run may complain in the same words
        if NO_SUCH_TOOL.search(said):
            return Invalid(call.span_id, said, is_missing_tool=True)
        if says_not_valid(said) or is_about_reading_these(call.arguments, said):
            return Invalid(call.span_id, said, is_missing_tool=False)
    return None


def _never_made(facts: RunFacts) -> Iterator[tuple[str, Invalid]]:
    """What was asked for and not called, with what was said of it."""
    told: set[tuple[str, str]] = set()
    for one, words, was_sent in refused_requests(facts):
        found = _complaint(one, words, was_sent=was_sent)
        if found is not None and (one.asked_by, one.name) not in told:
            told.add((one.asked_by, one.name))
            yield one.name, found


def _complaint(one: AskedCall, words: str, *, was_sent: bool) -> Invalid | None:
    """In what a model is sent, only the words for a tool that does not exist are taken for a refusal: schemas say much of arguments."""
    missing = NO_SUCH_TOOL.search(words[:READ_CHARACTERS])
    if missing:
        return Invalid(one.asked_by, missing.group(), is_missing_tool=True)
    if not was_sent and says_not_valid(words[:READ_CHARACTERS]):
        return Invalid(one.asked_by, words[:READ_CHARACTERS], is_missing_tool=False)
    return None


def _never_called(facts: RunFacts, told: Collection[str]) -> Iterator[Observation]:
    """Tools that no call of the run bears the name of. What a model is given as the form of its answer is no tool, so the same place must
    have asked for tools that were called. A tool that the model heard an answer of was called, and only not traced.
    """
    called = {call.name for call in facts.tool_calls}
    asked = [
        one for one in facts.asked_calls if one.executed_by is None and one.name not in called and one.name not in told
    ]
    if not asked or not called:
        return
    places = _places(facts)
    answered = {places[one.asked_by] for one in facts.asked_calls if one.executed_by is not None}
    latest_ns = {places[call.span_id]: call.start_ns for call in facts.model_calls}
    by_name: dict[str, list[AskedCall]] = {}
    for one in asked:
        place = places[one.asked_by]
        if not tool_names.ends(one.name) and place in answered and latest_ns[place] >= one.asked_ns:
            by_name.setdefault(one.name, []).append(one)
    for name, calls in by_name.items():
        if _was_answered(calls[0], places, facts):
            continue
        yield Observation(
            message=f"{name} was asked for and never called, and no tool of this name was called in the run",
            advice="tell the model which tools there are, and answer it when it asks for another one",
            evidence=tuple(dict.fromkeys(one.asked_by for one in calls)),
            confidence=SURE_BY_SILENCE,
        )


def _was_answered(one: AskedCall, places: Mapping[str, int], facts: RunFacts) -> bool:
    """By what the next model call of the same place was sent."""
    for call in facts.model_calls[bisect_left(facts.model_starts_ns, one.asked_ns) :]:
        if places[call.span_id] == places[one.asked_by]:
            return told_answer(sent_to(facts.trace, call), one) is not None
    return False


def _places(facts: RunFacts) -> dict[str, int]:
    """What each model call was made right below, by its id."""
    return {call.span_id: facts.trace.parents[call.positions[-1]] for call in facts.model_calls}


def _observe(name: str, refused: list[Invalid], *, is_missing: bool) -> Observation:
    times = "" if len(refused) == 1 else f" {len(refused)} times"
    words = quoted(refused[0].words)
    if is_missing:
        message = f"{name} was called{times}, but there is no such tool ({words})"
        advice = "tell the model which tools there are, by the names it has to use"
    else:
        message = f"{name} was called{times} with arguments that are not valid ({words})"
        advice = "say in the tool's description and schema what it takes, with an example, and give the model the refusal to read"
    return Observation(
        message=message,
        advice=advice,
        evidence=tuple(one.span_id for one in refused),
        confidence=SURE_BY_ANSWER if is_missing else SURE_BY_WORDS,
    )
