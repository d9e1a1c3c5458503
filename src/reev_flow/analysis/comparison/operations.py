"""What a run did, as a tree that can be laid beside another's.

Infrastructure and further accounts of the same call are left out; what they own is credited to the operation around them.
"""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.comparison.passing_values import without_passing
from reev_flow.analysis.meaning.equivalence import question
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Flag, Operation, Span, Value
from reev_flow.trace.trace import NO_PARENT, Trace

What: TypeAlias = tuple[Operation, str]

TOO_DEEP = b"(nested too deeply)"


class Operations(msgspec.Struct, frozen=True, kw_only=True):
    """The operations of a run, each addressed by its index: parents before children, families by start.

    `positions` leads back to `Trace.spans`. `owners` says for each span which operation it is or is in. `whats` is what an operation is
    as far as it may be compared with another; `questions` is what it was asked, without what differs between any two runs.
    """

    trace: Trace
    positions: Sequence[int]
    parents: Sequence[int]
    children: Sequence[Sequence[int]]
    roots: Sequence[int]
    owners: Sequence[int]
    whats: Sequence[What]
    questions: Sequence[bytes]
    model_calls: dict[int, ModelCall]
    tool_calls: dict[int, ToolCall]
    failed: frozenset[int]
    ids: frozenset[bytes]
    is_partial: bool

    def __len__(self) -> int:
        return len(self.positions)

    def span(self, index: int) -> Span:
        return self.trace.spans[self.positions[index]]

    def label(self, index: int) -> str:
        call = self.model_calls.get(index)
        return call.model if call is not None and call.model else self.span(index).label

    def input(self, index: int) -> Value:
        call = self.tool_calls.get(index)
        return self.span(index).input if call is None else call.arguments

    def output(self, index: int) -> Value:
        call = self.tool_calls.get(index)
        return self.span(index).output if call is None else call.result

    def is_open(self, index: int) -> bool:
        """Whether its end was not recorded, so that more may come of it."""
        return Flag.UNFINISHED in self.span(index).flags

    def text(self, value: Value) -> bytes:
        """A value in a form that is equal for equal values, with what differs between any two runs made alike."""
        try:
            return without_passing(question(value), self.ids)
        except RecursionError:
            return TOO_DEEP


def operations_of(facts: RunFacts) -> Operations:
    trace = facts.trace
    parents: list[int] = []
    children: list[list[int]] = []
    roots: list[int] = []
    owners: list[int] = []
    positions: list[int] = []
    for position, is_one in enumerate(_is_operation(facts)):
        above = trace.parents[position]
        owner = NO_PARENT if above == NO_PARENT else owners[above]
        if is_one:
            (roots if owner == NO_PARENT else children[owner]).append(len(positions))
            parents.append(owner)
            children.append([])
            owner = len(positions)
            positions.append(position)
        owners.append(owner)
    for family in (roots, *children):
        family.sort(key=lambda index: (trace.spans[positions[index]].start_ns, index))
    bare = Operations(
        trace=trace,
        positions=positions,
        parents=parents,
        children=children,
        roots=roots,
        owners=owners,
        whats=[_what(trace.spans[position]) for position in positions],
        questions=(),
        model_calls={owners[call.positions[-1]]: call for call in facts.model_calls},
        tool_calls={owners[call.position]: call for call in facts.tool_calls},
        failed=_failed(facts, owners),
        ids=_ids(facts),
        is_partial=_is_partial(trace),
    )
    return msgspec.structs.replace(bare, questions=[_question(bare, facts, index) for index in range(len(positions))])


def _is_partial(trace: Trace) -> bool:
    """A lone root may well have its parent in another program; several are what a parent leaves that was not told of."""
    if trace.awaited or any(Flag.UNFINISHED in span.flags for span in trace.spans):
        return True
    return sum(Flag.ORPHAN in trace.spans[root].flags for root in trace.roots()) > 1


def _is_operation(facts: RunFacts) -> list[bool]:
    """In a run of nothing but infrastructure, everything is taken for an operation."""
    spans = facts.trace.spans
    if all(span.operation is Operation.OTHER for span in spans):
        return [True] * len(spans)
    calls = {call.position for call in facts.tool_calls}
    inner = {position for call in facts.model_calls for position in call.positions[:-1]}
    return [
        span.operation is not Operation.OTHER
        and position not in inner
        and (span.operation is not Operation.TOOL or position in calls)
        for position, span in enumerate(spans)
    ]


def _what(span: Span) -> What:
    """A model call is compared with a call of another model too, as the same turn may be taken by another."""
    return (span.operation, "" if span.operation is Operation.LLM else span.label)


def _question(operations: Operations, facts: RunFacts, index: int) -> bytes:
    """Of a model call it is not what the model was told, as that repeats everything before it, but what came of it."""
    call = operations.tool_calls.get(index)
    if call is not None:
        return without_passing(facts.questions.asked(call), operations.ids)
    if operations.span(index).operation is not Operation.LLM:
        return operations.text(operations.input(index))
    return operations.label(index).encode(errors="replace") + asked_text(operations, index)


def asked_text(operations: Operations, index: int) -> bytes:
    """Which tools a model asked for, with which arguments."""
    call = operations.model_calls.get(index)
    if call is None:
        return b""
    return b"".join(
        b"\n%s %s" % (request.name.encode(errors="replace"), operations.text(request.arguments))
        for request in call.asked
    )


def _failed(facts: RunFacts, owners: Sequence[int]) -> frozenset[int]:
    """Soft failures too, but nothing that was only left on purpose."""
    return frozenset(owners[failure.position] for failure in facts.failed_operations)


def _ids(facts: RunFacts) -> frozenset[bytes]:
    """What names this run or a part of it, and nothing else."""
    trace = facts.trace
    named = [trace.trace_id, *trace.conversation_ids]
    named += [call.call_id for call in facts.tool_calls if call.call_id]
    named += [request.call_id for call in facts.model_calls for request in call.asked if request.call_id]
    return frozenset(name.encode(errors="replace") for name in named)
