"""Whether what a tool call was asked for came to be known later in the run."""

import re

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.evidence.stand_in import has_stand_in
from reev_flow.analysis.meaning.asked_for_errors import asked_texts
from reev_flow.analysis.meaning.error_classes import TRANSIENT, ErrorClass
from reev_flow.analysis.run_facts import RunFacts

WORD = re.compile(r"[^\W_]{3,}")
SENTENCE = 3  # words; fewer may be a name or a number, put right
NOT_BY_THE_QUESTION = TRANSIENT | {ErrorClass.TIMEOUT, ErrorClass.ACCESS_REFUSED}


class LaterSuccess:
    """The calls that went well, by status and by result."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._went_well = [call for call in facts.tool_calls if not facts.went_wrong(call)]
        self._next = _next_calls(facts)
        self._latest_same: dict[tuple[str, bytes], ToolCall] = {}
        wrong = {call.name for call in facts.tool_calls if facts.went_wrong(call)}
        for call in self._went_well:
            if call.name in wrong:
                self._latest_same[call.name, facts.questions.asked(call)] = call

    def made_good(self, wrong: ToolCall, error_class: ErrorClass | None) -> bool:
        """By the same question, by another one that was put to the same tool next (not so when the question was not the reason), or by a
        stand-in.
        """
        same = self._latest_same.get((wrong.name, self._facts.questions.asked(wrong)))
        if same is not None and same.start_ns >= wrong.end_ns:
            return True
        after = self._next.get(wrong.position)
        if after is not None and after.name == wrong.name and error_class not in NOT_BY_THE_QUESTION:
            return not self._facts.went_wrong(after) and (error_class is not None or not _is_another(wrong, after))
        return has_stand_in(wrong, error_class, self._went_well)


def _is_another(first: ToolCall, second: ToolCall) -> bool:
    """Whether the second asks in words for something else: a question that is put in better words keeps one of them."""
    asked, then = _words(first), _words(second)
    return min(len(asked), len(then)) >= SENTENCE and asked.isdisjoint(then)


def _words(call: ToolCall) -> set[str]:
    return {word for text in asked_texts(call.arguments) for word in WORD.findall(text.lower())}


def _next_calls(facts: RunFacts) -> dict[int, ToolCall]:
    """For each call the next one of the same agent or flow that did not begin before it had ended."""
    found: dict[int, ToolCall] = {}
    following: dict[int, ToolCall] = {}
    for call in reversed(facts.tool_calls):
        asker = facts.askers[call.position]
        after = following.get(asker)
        if after is not None and after.start_ns >= call.end_ns:
            found[call.position] = after
        following[asker] = call
    return found
