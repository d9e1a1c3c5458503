"""RF104: many things were fetched one after the other that one call could have fetched together."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from reev_flow.analysis.calls.passed_on import really_called
from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.evidence.informative import is_informative
from reev_flow.analysis.evidence.saved_time import critical_ns
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning import effect_names, tool_names
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import Operation, Value

MANY = 5
SURE_OF_A_FEW, SURE_OF_MANY = 0.75, 0.85
VERY_MANY = 8
MOST_FAILED = 0.5  # a larger share of failures says that something else is wrong
WORKED_THROUGH = 0.5  # of the calls, with something done after each: one thing after the other was dealt with
CHAINED = 0.5  # a larger share of ids that came out of the call before says that each had to be waited for

PAGING = tool_names.vocabulary(
    "offset cursor skip start after before since until from to token continuation next limit size count index position depth level date time "
    "attempt retry round"
)
PARTS = tool_names.vocabulary(
    "page pages batch chunk step row line part section chapter segment shard partition block frame slide day month year week hour"
)
"""What one goes through in order, unless it is called by an id."""
IDS = tool_names.vocabulary("id ids uid uuid guid slug")
# Names of things have letters and digits in them or are told to be names.
NAMING = tool_names.vocabulary(
    "id ids uid uuid guid key sku code ref reference number no handle slug symbol ticker isbn email user username identifier zip postcode isin ean upc "
    "asin doi"
)
TRYING = tool_names.vocabulary(
    "test try bisect probe handle process ack acknowledge archive mark label tag generate render"
)
HAS_DIGIT = re.compile(r"(?=[^\d]*\d)(?=[^a-zA-Z]*[a-zA-Z])[\w.:#-]{1,64}", re.ASCII)
NAME = re.compile(r"[^\s,;|]{1,64}")
DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?(?:T.*)?|\d{1,2}:\d{2}.*")


THE_ONLY = "input"  # an argument whose name is not recorded


class Series(msgspec.Struct):
    """Calls of one tool, one after the other, that differ in one argument only. It grows while the calls are read."""

    calls: list[ToolCall]
    key: str | None = None


def look_for_one_by_one(facts: RunFacts) -> Iterator[Observation]:
    """At least five calls by the same agent or flow, each of another id. Silent when the calls ran side by side, when an argument pages
    through something or holds several things already, when most ids came out of the result before, when the calls were a search that
    ended with the first hit, when most failed, when something was done about most before the next was fetched, and when the tool acts,
    runs, waits or watches. A tool whose name says nothing is judged by the name that it is given; where it is given none, an argument has to be
    called an id, and each result has to tell something of its own.
    """
    calls = _by_their_meaning(facts)
    found = [(one, one.key) for one in _series(calls, facts) if one.key and _is_one_by_one(one, one.key, facts)]
    deeds_ns = [call.start_ns for call in calls if _does_something(call.name)] if found else []
    for series, key in found:
        if not _was_worked_through(series.calls, deeds_ns):
            yield _observe(series, key, facts)


def _by_their_meaning(facts: RunFacts) -> Sequence[ToolCall]:
    if not any(map(tool_names.says_nothing, {call.name for call in facts.tool_calls})):  # as in most runs
        return facts.tool_calls
    return [_by_its_meaning(call, facts) for call in facts.tool_calls]


def _by_its_meaning(call: ToolCall, facts: RunFacts) -> ToolCall:
    """A call that is seen to be passed on stays what it is: the one inside says more."""
    if not tool_names.says_nothing(call.name):
        return call
    inside = facts.trace.spans[call.position + 1 : facts.trace.subtree_ends[call.position]]
    return call if any(span.operation is Operation.TOOL for span in inside) else really_called(call)


def _series(all_calls: Iterable[ToolCall], facts: RunFacts) -> Iterator[Series]:
    by_tool: dict[tuple[int, str], list[ToolCall]] = {}
    for call in all_calls:
        if isinstance(call.arguments, dict | str):
            by_tool.setdefault((facts.askers[call.position], call.name), []).append(call)
    for (_, name), calls in by_tool.items():
        if len(calls) >= MANY and not _may_change(name):
            yield from _cut(calls)


def _may_change(name: str) -> bool:
    if tool_names.says_nothing(name):
        return False
    is_deed = _does_something(name) or tool_names.runs(name) or _may_be_tried_out(name)
    return is_deed or tool_names.waits(name) or tool_names.watches(name)


def _may_be_tried_out(name: str) -> bool:
    """Whether what one call told may say which to try next, or each call gets done what it is about."""
    return not TRYING.isdisjoint(tool_names.words(name)[:1])


def _does_something(name: str) -> bool:
    return tool_names.acts(name) or effect_names.may_double(name)


def _cut(calls: Sequence[ToolCall]) -> Iterator[Series]:
    """Where more than one argument changes, or another one, or calls overlap, a new series begins."""
    series = Series([calls[0]])
    for call in calls[1:]:
        key = _what_differs(series.calls[-1].arguments, call.arguments)
        if key is None or series.key not in {None, key} or call.start_ns < series.calls[-1].end_ns:
            yield series
            series = Series([call])
        else:
            series.key = key
            series.calls.append(call)
    yield series


def _what_differs(one: Value, other: Value) -> str | None:
    """The only argument in which they do; of a tool that takes nothing but one, plain text may be recorded."""
    if isinstance(one, str) and isinstance(other, str) and one != other:
        return THE_ONLY
    if not isinstance(one, dict) or not isinstance(other, dict) or one.keys() != other.keys():
        return None
    keys = [key for key in one if one[key] != other[key]]
    return keys[0] if len(keys) == 1 else None


def _is_one_by_one(series: Series, key: str, facts: RunFacts) -> bool:
    calls = series.calls
    ids = [call.arguments[key] if isinstance(call.arguments, dict) else call.arguments for call in calls]
    if len(calls) < MANY or len(set(map(canonical, ids))) < len(ids) or not _name_things(key, ids, calls[0].name):
        return False
    if tool_names.says_nothing(calls[0].name) and not _fetches(key, calls, facts):
        return False
    failed = sum(facts.went_wrong(call) for call in calls)
    return failed <= MOST_FAILED * len(calls) and not _ended_with_a_hit(calls, facts) and not _is_chain(calls, ids)


def _fetches(key: str, calls: Sequence[ToolCall], facts: RunFacts) -> bool:
    """By its arguments and results: what runs programs is given no ids, and what acts tells the same each time."""
    told = {facts.questions.told(call) for call in calls if is_informative(call.result)}
    return not NAMING.isdisjoint(tool_names.words(key)) and len(told) == len(calls)


def _name_things(key: str, values: Sequence[Value], tool: str) -> bool:
    said = set(tool_names.words(key))
    if not said.isdisjoint(PAGING) or (not said.isdisjoint(PARTS) and said.isdisjoint(IDS)):
        return False
    is_named, is_topic = not said.isdisjoint(NAMING), not said.isdisjoint(tool_names.words(tool)[1:])
    return all(_names_a_thing(value, is_named=is_named or (is_topic and str(value).isdecimal())) for value in values)


def _names_a_thing(value: Value, *, is_named: bool) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return is_named
    if not isinstance(value, str) or DATE.fullmatch(value):
        return False
    return (NAME if is_named else HAS_DIGIT).fullmatch(value) is not None


def _ended_with_a_hit(calls: Sequence[ToolCall], facts: RunFacts) -> bool:
    """Whether all were told the same but the last: then nobody knew how many would be needed."""
    told = [facts.questions.told(call) for call in calls]
    return len(set(told[:-1])) == 1 and told[-1] != told[0]


def _was_worked_through(calls: Sequence[ToolCall], deeds_ns: Sequence[int]) -> bool:
    """Whether most were followed by something done in the world, before the next was fetched."""
    followed = sum(
        bisect_left(deeds_ns, earlier.end_ns) < bisect_left(deeds_ns, later.start_ns)
        for earlier, later in pairwise(calls)
    )
    return followed > WORKED_THROUGH * (len(calls) - 1)


def _is_chain(calls: Sequence[ToolCall], ids: Sequence[Value]) -> bool:
    """Whether one call told which is next. A result without the id of its own call that mentions the next one does; that a list of all
    is repeated in each result does not.
    """
    came_out = sum(
        _mentions(earlier.result, after) for (earlier, _), after in zip(pairwise(calls), ids[1:], strict=True)
    )
    return came_out > CHAINED * (len(calls) - 1)


def _mentions(result: Value, name: Value) -> bool:
    """Whether it is one of the values, or a word of the text."""
    if result is None:
        return False
    text = str(name).encode()
    return re.search(rb"(?<![\w-])" + re.escape(text) + rb"(?![\w-])", canonical(result)) is not None


def _observe(series: Series, key: str, facts: RunFacts) -> Observation:
    count = len(series.calls)
    return Observation(
        message=f"{series.calls[0].name} was called {count} times one after the other, each time for another {key}",
        advice="ask for all of them in one call if the tool can take several, else call it for all of them at once",
        evidence=tuple(call.span_id for call in series.calls),
        saving=Saving(duration_ns=critical_ns((call.position for call in series.calls[1:]), facts)),
        confidence=SURE_OF_MANY if count >= VERY_MANY else SURE_OF_A_FEW,
    )
