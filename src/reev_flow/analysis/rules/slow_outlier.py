"""RF108: one call took far longer than its siblings."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import log
from statistics import median
from typing import NamedTuple

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.shared_beginning import text_length
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.spans import WORK
from reev_flow.trace.durations import told_duration
from reev_flow.trace.span import Flag, Operation, Span

ENOUGH_SIBLINGS = 4  # with the call itself
SLOW_FACTOR = 4
FAR_BEYOND = 4  # times as far from the median as its siblings usually are, on a scale of ratios
USUAL_SPREAD = 0.3  # siblings that happen to be alike are taken to vary by that much
FAIR_SPREAD = 1.4826  # turns the median distance from the median into a standard deviation
WORTH_TELLING_NS = 400_000_000
SIGNIFICANT_TOKENS = 20  # fewer take no less time
FAR_MORE_TO_READ, MUCH_TO_READ = (
    4,
    4_000,
)  # times what its siblings usually read, and tokens that take long to read at all
STEPS = frozenset({Operation.STEP, Operation.RETRIEVAL, Operation.EMBEDDING})

LEAST_SURE, SUREST = 0.65, 0.95
SURE_OF_A_COLD_START = 0.5


class Timed(NamedTuple):
    """A call, how long it took, how large its job was (1 where that is not known), and how many tokens a model had to read for it."""

    name: str
    span_id: str
    position: int
    start_ns: int
    duration_ns: int
    size: float
    read: int = 0


def look_for_slow_outliers(facts: RunFacts) -> Iterator[Observation]:
    """One observation at most for each tool, model, step and look-up: where several calls are slow, that is how slow it is. Silent about calls that had
    proportionally more to hand over or to write, that failed, that contain other work, or that nobody waited for; about tools that wait,
    watch or run what they are given.
    """
    for calls in (*_tools(facts), *_models(facts), *_steps(facts)):
        if len(calls) >= ENOUGH_SIBLINGS:
            yield from _look_at(facts, calls)


def _tools(facts: RunFacts) -> list[list[Timed]]:
    by_name: dict[str, list[ToolCall]] = defaultdict(list)
    for call in facts.tool_calls:
        if not call.failed:
            by_name[call.name].append(call)
    return [
        [_timed_tool(call) for call in calls if not _contains_work(facts, call)]
        for name, calls in by_name.items()
        if len(calls) >= ENOUGH_SIBLINGS
        and _has_a_slow_one(calls)
        and not (tool_names.waits(name) or tool_names.watches(name) or tool_names.runs(name))
    ]


def _steps(facts: RunFacts) -> list[list[Timed]]:
    """Steps and look-ups that hold nothing else."""
    by_name: dict[tuple[Operation, str], list[tuple[int, Span]]] = defaultdict(list)
    ends = facts.trace.subtree_ends
    slow = {s.label for s in facts.trace.spans if s.operation in STEPS and s.duration_ns >= WORTH_TELLING_NS}
    for position, span in enumerate(facts.trace.spans) if slow else ():
        is_bare = span.operation in STEPS and ends[position] == position + 1
        if is_bare and not span.failed and span.label in slow:
            by_name[span.operation, span.label].append((position, span))
    return [
        [_timed_step(position, span) for position, span in spans]
        for (_, name), spans in by_name.items()
        if len(spans) >= ENOUGH_SIBLINGS
        and _has_a_slow_one([span for _, span in spans])
        and not (tool_names.waits(name) or tool_names.watches(name) or tool_names.runs(name))
    ]


def _timed_step(position: int, span: Span) -> Timed:
    size = 1 + text_length(span.input) + text_length(span.output)
    return Timed(span.label, span.span_id, position, span.start_ns, span.duration_ns, size)


def _has_a_slow_one(calls: Sequence[ToolCall] | Sequence[Span]) -> bool:
    """By time alone, since it takes longer to measure what each had to do."""
    longest_ns = max(call.duration_ns for call in calls)
    return longest_ns >= WORTH_TELLING_NS and longest_ns >= SLOW_FACTOR * median(call.duration_ns for call in calls)


def _timed_tool(call: ToolCall) -> Timed:
    size = 1 + text_length(call.arguments) + text_length(call.result)
    return Timed(call.name, call.span_id, call.position, call.start_ns, call.duration_ns, size)


def _contains_work(facts: RunFacts, call: ToolCall) -> bool:
    inside = facts.trace.spans[call.position + 1 : facts.trace.subtree_ends[call.position]]
    return any(span.operation in WORK and span.label != call.name for span in inside)


def _models(facts: RunFacts) -> list[list[Timed]]:
    by_name: dict[str, list[Timed]] = defaultdict(list)
    for call in facts.model_calls:
        if call.failed or call.usage is None or not call.usage.output:
            continue
        size = max(call.usage.output, SIGNIFICANT_TOKENS)
        read = max(call.usage.input - call.usage.cache_read, 0)
        by_name[call.model].append(
            Timed(call.model, call.span_id, call.positions[0], call.start_ns, call.duration_ns, size, read)
        )
    return list(by_name.values())


def _look_at(facts: RunFacts, calls: Sequence[Timed]) -> Iterator[Observation]:
    slowest = max(calls, key=lambda call: call.duration_ns)
    others = [call for call in calls if call is not slowest]
    expected_ns = _expected_ns(slowest, others)
    excess_ns = slowest.duration_ns - expected_ns
    if excess_ns < WORTH_TELLING_NS or not _is_far_beyond(slowest.duration_ns, expected_ns, others):
        return
    saved_ns = min(excess_ns, _waited_ns(facts, slowest))
    if saved_ns > 0 and not _had_far_more_to_read(slowest, others):
        yield _observe(slowest, others, saved_ns, is_first=slowest.start_ns == min(call.start_ns for call in calls))


def _had_far_more_to_read(slowest: Timed, others: Sequence[Timed]) -> bool:
    usual = median(call.read for call in others)
    return slowest.read >= max(MUCH_TO_READ, FAR_MORE_TO_READ * usual)


def _expected_ns(slowest: Timed, others: Sequence[Timed]) -> int:
    """The median of the others; where the job was larger than usual, of those with one of about that size, else that much more."""
    usual_ns = median(call.duration_ns for call in others)
    usual_size = median(call.size for call in others)
    if slowest.size <= usual_size:
        return int(usual_ns)
    alike = [call.duration_ns for call in others if 2 * call.size >= slowest.size]
    return int(max(usual_ns, median(alike) if alike else usual_ns * slowest.size / usual_size))


def _is_far_beyond(duration_ns: int, expected_ns: int, others: Sequence[Timed]) -> bool:
    if duration_ns < SLOW_FACTOR * max(expected_ns, 1) or duration_ns < 2 * max(call.duration_ns for call in others):
        return False
    logs = [log(max(call.duration_ns, 1)) for call in others]
    middle = median(logs)
    spread = FAIR_SPREAD * median(abs(one - middle) for one in logs)
    return log(duration_ns / max(expected_ns, 1)) >= FAR_BEYOND * max(spread, USUAL_SPREAD)


def _waited_ns(facts: RunFacts, call: Timed) -> int:
    """How much of it the run waited for; all, where the path cannot tell since it lies outside what called it."""
    if Flag.OUTSIDE_PARENT in facts.trace.spans[call.position].flags:
        return call.duration_ns
    end = facts.trace.subtree_ends[call.position]
    return sum(facts.spans.operation_critical_ns[call.position : end])


def _observe(slowest: Timed, others: Sequence[Timed], saved_ns: int, *, is_first: bool) -> Observation:
    usual_ns = int(median(call.duration_ns for call in others))
    factor = slowest.duration_ns / max(usual_ns, 1)
    told = f"one call of {slowest.name or 'a model'} took {told_duration(slowest.duration_ns)}"
    usual = f"the median of its {len(others)} siblings is {told_duration(usual_ns)}"
    confidence = min(SUREST, LEAST_SURE + 0.02 * (factor - SLOW_FACTOR) + 0.01 * (len(others) - 3))
    return Observation(
        message=f"{told}; {usual}" + ("; it was the first, which may have had to warm up" if is_first else ""),
        advice="warm it up before it is needed"
        if is_first
        else "look at what this one call met: a retry inside, a lock, a queue or a cold cache; a time limit with one retry would cut it off",
        evidence=(slowest.span_id,),
        saving=Saving(duration_ns=saved_ns),
        confidence=SURE_OF_A_COLD_START if is_first else round(confidence, 2),
    )
