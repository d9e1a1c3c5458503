"""RF103: the same tools were called round after round, and no round told anything that was not known."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.evidence.informative import is_informative, is_known
from reev_flow.analysis.evidence.saved_time import critical_ns
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Value

LONGEST_ROUND = 6  # calls
ROUNDS = 3  # the first one told something
SURE_OF_SAME, SURE_OF_REWORDED = 0.9, 0.75
NAME = re.compile(r"(?=.*[\d./:@#_-])[^\s,;|]{1,200}")  # what names one thing; anything else is in somebody's own words


class Loop(msgspec.Struct, frozen=True):
    """Rounds of so many calls each; the last round may be cut."""

    calls: Sequence[ToolCall]
    round_length: int


def look_for_loops(facts: RunFacts) -> Iterator[Observation]:
    """Two or more tools in the same order at least three times, asked by the same agent or flow, where every call after the first round was
    told what the same tool had told before. Silent when a tool waits or watches, when it acts in another way each time or asks for another
    thing, when a result only acknowledges, says that work goes on or holds nothing, and when arguments or results were not recorded. One
    tool alone asked again is a repeated call.
    """
    by_asker: dict[int, list[ToolCall]] = {}
    for call in facts.tool_calls:
        by_asker.setdefault(facts.askers[call.position], []).append(call)
    for calls in by_asker.values():
        if _may_go_round([call.name for call in calls]):
            for loop in _loops(calls, facts):
                yield _observe(loop, facts)


def _may_go_round(names: Sequence[str]) -> bool:
    """By the names alone, which are cheap to compare."""
    for length in range(2, LONGEST_ROUND + 1):
        again = 0
        for earlier, later in zip(names, names[length:], strict=False):
            again = again + 1 if earlier == later else 0
            if again >= (ROUNDS - 1) * length and len(set(names)) > 1:
                return True
    return False


def _loops(calls: Sequence[ToolCall], facts: RunFacts) -> Iterator[Loop]:
    """From left to right, the shortest round first; no call is in two of them."""
    is_stale = _stale(calls, facts)
    names = [call.name for call in calls]
    at = 0
    while at < len(calls):
        found = _loop_from(at, names, is_stale)
        if found is None:
            at += 1
        else:
            end, length = found
            yield Loop(calls[at:end], length)
            at = end


def _loop_from(first: int, names: Sequence[str], is_stale: Sequence[bool]) -> tuple[int, int] | None:
    """Where a loop ends that begins here, and how long its rounds are."""
    for length in range(2, LONGEST_ROUND + 1):
        if len(set(names[first : first + length])) == 1:
            continue
        end = first + length
        while end < len(names) and is_stale[end] and names[end] == names[end - length]:
            end += 1
        if end - first >= ROUNDS * length:
            return end, length
    return None


def _stale(calls: Sequence[ToolCall], facts: RunFacts) -> list[bool]:
    """Which calls told what the same tool had told before."""
    told: set[tuple[str, bytes]] = set()
    asked: set[tuple[str, bytes, bytes]] = set()
    named: set[tuple[str, str]] = set()
    stale: list[bool] = []
    ids: set[str] = set()
    for call in calls:
        news = b"" if call.call_id in ids else _told(call, facts)  # the same id tells of the same call
        ids.update(filter(None, [call.call_id]))
        question = facts.questions.asked(call)
        was_asked = (call.name, question, news) in asked
        names = {(call.name, name) for name in _names_of_things(call.arguments)}
        is_reworded = not (call.failed or _may_change(call.name)) and names <= named
        stale.append(bool(news) and (was_asked or (is_reworded and (call.name, news) in told)))
        named |= names
        told.add((call.name, news))
        asked.add((call.name, question, news))
    return [is_stale and not _is_beside(pair) for is_stale, pair in zip(stale, pairwise((None, *calls)), strict=True)]


def _may_change(name: str) -> bool:
    """A `terminal.search` looks, whatever a terminal is."""
    return tool_names.may_act(name) and tool_names.READING.isdisjoint(tool_names.words(name))


def _names_of_things(arguments: Value) -> Iterator[str]:
    """Whoever asks about another one does not ask the same in other words."""
    values = arguments.values() if isinstance(arguments, dict) else (arguments,)
    for value in values:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number or (isinstance(value, str) and NAME.fullmatch(value)):
            yield str(value)


def _told(call: ToolCall, facts: RunFacts) -> bytes:
    """Empty when nobody can say whether it was news."""
    if tool_names.waits(call.name) or tool_names.watches(call.name) or not is_known(call.arguments):
        return b""
    if call.failed:
        return b"failed " + (call.error or "").encode(errors="replace")
    return facts.questions.told(call) if is_known(call.result) and is_informative(call.result) else b""


def _is_beside(pair: tuple[ToolCall | None, ToolCall | None]) -> bool:
    """Whether the later call did not wait for the earlier one, of the same tool: that is a fan-out."""
    earlier, later = pair
    return earlier is not None and later is not None and later.name == earlier.name and later.start_ns < earlier.end_ns


def _observe(loop: Loop, facts: RunFacts) -> Observation:
    first = loop.calls[: loop.round_length]
    again = loop.calls[loop.round_length :]
    questions = {(call.name, facts.questions.asked(call)) for call in first}
    is_same = all((call.name, facts.questions.asked(call)) in questions for call in again)
    names = " → ".join(call.name for call in first)
    rounds = len(loop.calls) // loop.round_length
    asked = "with the same arguments" if is_same else "in other words"
    return Observation(
        message=f"{names} went round {rounds} times {asked}, and nothing new came of it after the first round",
        advice="end the run or change the approach when a round brings nothing new; limit the rounds, and tell the model what it has tried",
        evidence=tuple(call.span_id for call in loop.calls),
        saving=Saving(duration_ns=critical_ns((call.position for call in again), facts)),
        confidence=SURE_OF_SAME if is_same else SURE_OF_REWORDED,
    )
