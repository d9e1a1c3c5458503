"""RF101: the same tool, asked the same, gave the same answer again."""

from collections.abc import Iterator, Sequence

from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.analysis.tool_calls import ToolCall
from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import Value

CONFIDENCE_OF_TWO = 0.7
CONFIDENCE_OF_MORE = 0.9

# What an action says when it worked, or a job that goes on: hearing it again is no waste.
ACKNOWLEDGEMENTS = frozenset(
    "ok okay done success succeeded successful true yes none null sent saved created updated deleted clicked pressed typed accepted ack "
    "finished completed complete".split()
)
UNFINISHED_STATES = frozenset(
    "pending running queued waiting processing started starting in_progress inprogress in-progress active scheduled submitted "
    "initializing provisioning creating not_ready".split()
)


def look_for_repeated_calls(facts: RunFacts) -> Iterator[Observation]:
    """Silent when any two results of one question differ (polling, paging), when a result only acknowledges or says that work goes
    on, and when arguments or results were not recorded."""
    questions: dict[tuple[str, bytes], list[ToolCall]] = {}
    for call in facts.tool_calls:
        if not call.failed and call.arguments is not None and call.result is not None:
            questions.setdefault((call.name, canonical(call.arguments)), []).append(call)
    for calls in questions.values():
        if len(calls) > 1 and len({canonical(call.result) for call in calls}) == 1 and is_informative(calls[0].result):
            yield _observe(calls, facts)


def is_informative(result: Value) -> bool:
    """Whether hearing the result tells something about the world, rather than that an action was taken or goes on."""
    words = list(_words(result))
    return bool(words) and not all(word in ACKNOWLEDGEMENTS for word in words) and UNFINISHED_STATES.isdisjoint(words)


def _words(value: Value) -> Iterator[str]:
    """Scalars worth a word each: short strings as they are, long ones and numbers as something that informs."""
    pending: list[Value] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif item is not None and item != "":
            yield str(item).strip().strip(".!").lower()


def _observe(calls: Sequence[ToolCall], facts: RunFacts) -> Observation:
    repeats = calls[1:]
    wasted_ns = sum(_critical_ns(call, facts) for call in repeats)
    return Observation(
        message=f"{calls[0].name} was called {len(calls)} times with the same arguments and gave the same result each time",
        advice="keep the first result and hand it on, or tell the model that it already has it",
        evidence=tuple(call.span_id for call in calls),
        saving=Saving(duration_ns=wasted_ns),
        confidence=CONFIDENCE_OF_TWO if len(calls) == 2 else CONFIDENCE_OF_MORE,
    )


def _critical_ns(call: ToolCall, facts: RunFacts) -> int:
    end = facts.trace.subtree_ends[call.position]
    return sum(facts.spans.critical_ns[call.position : end])
