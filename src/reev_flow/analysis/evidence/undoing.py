"""Whether what was done may have been undone before it was done again."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.evidence.deeds import Deed
from reev_flow.analysis.evidence.duplicate_told import names_something
from reev_flow.analysis.evidence.informative import is_known
from reev_flow.analysis.meaning import effect_names
from reev_flow.analysis.meaning.passed_values import words_of
from reev_flow.analysis.run_facts import RunFacts

MOST_BETWEEN = 20  # calls between two deeds that are looked at; with more, one of them is taken to have undone it


def calls_that_undo(facts: RunFacts) -> list[ToolCall]:
    """By start. One that went wrong undid nothing."""
    found = [call for call in facts.tool_calls if effect_names.undoes(call.name) and not facts.went_wrong(call)]
    return sorted(found, key=lambda call: call.start_ns)


def may_be_undone(earlier: Deed, later: Deed, undoing: Sequence[ToolCall]) -> bool:
    first = bisect_left(undoing, earlier.start_ns + 1, key=lambda call: call.start_ns)
    end = bisect_right(undoing, later.start_ns - 1, key=lambda call: call.start_ns)
    return end - first > MOST_BETWEEN or any(_may_undo(call, earlier) for call in undoing[first:end])


def _may_undo(call: ToolCall, deed: Deed) -> bool:
    """Unless it is certainly about something else: it names another kind of thing, and says which by values that the deed knows nothing of, though
    what came of that has a name.
    """
    subjects = effect_names.undone_subjects(call.name)
    if not subjects or not subjects.isdisjoint(effect_names.subjects(deed.name)):
        return True
    which = words_of(call.arguments)
    if not which or not is_known(call.arguments) or not names_something(deed):
        return True
    return not which.isdisjoint(words_of(deed.arguments, deed.result))
