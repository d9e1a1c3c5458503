"""RF101: the same tool, asked the same, gave the same answer again."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

import msgspec

from reev_flow.analysis.calls.agent_lines import sent_to
from reev_flow.analysis.calls.askers import runs
from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.evidence.idle_stretches import idle_stretches
from reev_flow.analysis.evidence.informative import SHORT, is_informative, is_known
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.canonical import canonical
from reev_flow.trace.intervals import Interval
from reev_flow.trace.trace import NO_PARENT, Trace

SURE_OF_ONE_REPEAT = 0.7
SURE_OF_MORE = 0.9
OTHER_AGENT_FACTOR = 0.75  # another agent may not have been given what the first one heard

PAUSE_NS = 1_000_000_000  # in which nothing of the run went on
SHARE_OF_A_PAUSE = 0.5  # of the time between two calls
TOLD_TO_WATCH = re.compile(
    r"\b(?:monitor\w*|poll(?:ing|s)?|watch(?:es|ing)?|periodic\w*|repeatedly|continuously|until (?:it|they|the)|(?:keep|go) (?:on )?(?:checking|measuring|an eye)|"
    r"at (?:regular )?intervals|every (?:\d+|few|other)? ?(?:second|minute|hour)s?|(?:twice|two|three|four|five|several|\d+) (?:times|readings|samples|measurements))\b",
    re.IGNORECASE,
)
FAR_ENOUGH = 4_000  # characters of what was said before the first call


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What happened around the calls: when models were called, when something was done that may have changed the world, and when something
    was opened, sorted; from when to when nothing ran; for each span the nearest flow or agent around it, and the outermost operation.
    """

    model_starts_ns: Sequence[int]
    action_starts_ns: Sequence[int]
    opening_starts_ns: Sequence[int]
    pauses: Sequence[Interval]
    askers: Sequence[int]
    runs: Sequence[int]


def look_for_repeated_calls(facts: RunFacts) -> Iterator[Observation]:
    """A call repeats an earlier one when whoever asked could know the earlier result and nothing was done in between that may have
    changed it. Silent when any two results of one question differ (polling, paging), when the run stood still in between or a measurement
    was to be watched, when a result only acknowledges, says that work goes on or reports a failure, when the tool is one that acts, waits or
    watches, and when arguments or results were not recorded.
    """
    groups = [
        calls for calls in _questions(facts) if _has_one_answer(calls, facts) and not _is_to_be_watched(calls[0], facts)
    ]
    if not groups:
        return
    course = _course(facts)
    for calls in groups:
        repeats = [pair for pair in pairwise(calls) if _is_repeat(*pair, course, facts.trace)]
        if repeats:
            yield _observe(repeats[0][0], [later for _, later in repeats], course, facts)


def _questions(facts: RunFacts) -> Iterator[list[ToolCall]]:
    """Calls that went well with the same arguments, where there is more than one, by start."""
    by_tool: dict[str, list[ToolCall]] = {}
    for call in facts.tool_calls:
        if not call.failed and call.arguments is not None and call.result is not None:
            by_tool.setdefault(call.name, []).append(call)
    for name, calls in by_tool.items():
        if len(calls) < 2 or tool_names.acts(name) or tool_names.waits(name) or tool_names.watches(name):
            continue
        by_question: dict[bytes, list[ToolCall]] = {}
        for call in calls:
            by_question.setdefault(facts.questions.asked(call), []).append(call)
        yield from (asked for asked in by_question.values() if len(asked) > 1)


def _has_one_answer(calls: Sequence[ToolCall], facts: RunFacts) -> bool:
    first = calls[0]
    told = facts.questions.told(first)
    if facts.went_wrong(first) or not all(facts.questions.told(call) == told for call in calls):
        return False
    return is_known(first.arguments) and is_known(first.result) and is_informative(first.result)


def _is_to_be_watched(call: ToolCall, facts: RunFacts) -> bool:
    """Whether it asks for a measurement, and what was said before tells to hear it more than once."""
    if not tool_names.measures(call.name):
        return False
    said = [facts.trace.spans[above].input for above in facts.trace.ancestors(call.position)]
    last = bisect_left(facts.model_starts_ns, call.start_ns) - 1
    if last >= 0:
        said.append(sent_to(facts.trace, facts.model_calls[last]))
    texts = (one if isinstance(one, str) else canonical(one).decode() for one in said if one is not None)
    return any(TOLD_TO_WATCH.search(text[:FAR_ENOUGH]) for text in texts)


def _course(facts: RunFacts) -> Course:
    return Course(
        model_starts_ns=facts.model_starts_ns,
        action_starts_ns=[call.start_ns for call in facts.tool_calls if _may_have_changed_something(call)],
        opening_starts_ns=[call.start_ns for call in facts.tool_calls if tool_names.opens(call.name)],
        pauses=idle_stretches(facts.trace, PAUSE_NS),
        askers=facts.askers,
        runs=runs(facts.trace),
    )


def _may_have_changed_something(call: ToolCall) -> bool:
    only_acknowledges = isinstance(call.result, str) and len(call.result) <= SHORT and not is_informative(call.result)
    return only_acknowledges or tool_names.may_act(call.name)


def _is_repeat(earlier: ToolCall, later: ToolCall, course: Course, trace: Trace) -> bool:
    if later.start_ns < earlier.end_ns or (earlier.call_id and earlier.call_id == later.call_id):
        return False
    if course.model_starts_ns and not _any_between(course.model_starts_ns, earlier.end_ns, later.start_ns):
        return False
    since_ns, until_ns = earlier.start_ns + 1, later.start_ns - 1
    if _any_between(course.action_starts_ns, since_ns, until_ns) or _stood_still(earlier, later, course):
        return False
    if not tool_names.opens(later.name) and _any_between(course.opening_starts_ns, since_ns, until_ns):
        return False  # it may have looked at something else
    return _could_know(earlier, later, course, trace)


def _any_between(moments_ns: Sequence[int], first_ns: int, last_ns: int) -> bool:
    return bisect_left(moments_ns, first_ns) < bisect_right(moments_ns, last_ns)


def _stood_still(earlier: ToolCall, later: ToolCall, course: Course) -> bool:
    """Whether most of the time in between was a pause, as between the goes of a poll. Where models are not traced, they were called there."""
    if not course.model_starts_ns:
        return False
    first = bisect_left(course.pauses, (earlier.end_ns, 0))
    paused_ns = 0
    for start_ns, end_ns in islice(course.pauses, first, None):
        if end_ns > later.start_ns:
            break
        paused_ns += end_ns - start_ns
    return paused_ns > SHARE_OF_A_PAUSE * (later.start_ns - earlier.end_ns)


def _could_know(earlier: ToolCall, later: ToolCall, course: Course, trace: Trace) -> bool:
    """Whether the later call was made in the same run, for whoever made the earlier one or for somebody else after that one had ended.
    Another go of the same agent is taken to begin anew.
    """
    if course.runs[earlier.position] != course.runs[later.position]:
        return False
    asker, other = course.askers[earlier.position], course.askers[later.position]
    if asker == NO_PARENT or asker < later.position < trace.subtree_ends[asker]:
        return True
    is_another_go = other != NO_PARENT and trace.spans[other].label == trace.spans[asker].label
    return not is_another_go and trace.spans[asker].end_ns <= later.start_ns


def _observe(first: ToolCall, repeats: Sequence[ToolCall], course: Course, facts: RunFacts) -> Observation:
    calls = (first, *repeats)
    confidence = SURE_OF_ONE_REPEAT if len(repeats) == 1 else SURE_OF_MORE
    if len({course.askers[call.position] for call in calls}) > 1:
        confidence *= OTHER_AGENT_FACTOR
    return Observation(
        message=f"{first.name} was called {len(calls)} times with the same arguments and gave the same result each time",
        advice="keep the first result and hand it on, or tell the model that it already has it",
        evidence=tuple(call.span_id for call in calls),
        saving=Saving(duration_ns=sum(_critical_ns(call, facts) for call in repeats)),
        confidence=round(confidence, 2),
    )


def _critical_ns(call: ToolCall, facts: RunFacts) -> int:
    end = facts.trace.subtree_ends[call.position]
    return sum(facts.spans.operation_critical_ns[call.position : end])
