"""The work that could be put in another order: tool calls, and steps and retrievals that hold no other operation."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Operation, Value


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A call or a step that could be moved. `turn` is the span of the model that asked for it."""

    name: str
    position: int
    start_ns: int
    end_ns: int
    asked: Value
    told: Value
    turn: str | None

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


def pieces_by_asker(facts: RunFacts, least_ns: int) -> list[list[Piece]]:
    """By who asked for them and by start; only of those who asked for several that took so long, but then all of theirs."""
    steps = list(_steps(facts))
    long_steps = sum(step.duration_ns >= least_ns for step in steps)
    if long_steps + sum(call.duration_ns >= least_ns for call in facts.tool_calls) < 2:
        return []
    pieces = [*steps, *_calls(facts)]
    long_pieces = Counter(facts.askers[piece.position] for piece in pieces if piece.duration_ns >= least_ns)
    by_asker: dict[int, list[Piece]] = defaultdict(list)
    for piece in sorted(pieces, key=lambda piece: (piece.start_ns, piece.position)):
        if long_pieces[facts.askers[piece.position]] > 1:
            by_asker[facts.askers[piece.position]].append(piece)
    return list(by_asker.values())


def _calls(facts: RunFacts) -> Iterator[Piece]:
    turns = {asked.executed_by: asked.asked_by for asked in facts.asked_calls if asked.executed_by}
    for call in facts.tool_calls:
        yield Piece(
            name=call.name,
            position=call.position,
            start_ns=call.start_ns,
            end_ns=call.end_ns,
            asked=call.arguments,
            told=None if facts.went_wrong(call) else call.result,
            turn=turns.get(call.span_id),
        )


def _steps(facts: RunFacts) -> Iterator[Piece]:
    """Steps and retrievals that hold no other operation."""
    trace = facts.trace
    for position, span in enumerate(trace.spans):
        if span.operation is not Operation.STEP and span.operation is not Operation.RETRIEVAL:
            continue
        inside = range(position + 1, trace.subtree_ends[position])
        if all(trace.spans[inner].operation is Operation.OTHER for inner in inside):
            yield Piece(
                name=span.label,
                position=position,
                start_ns=span.start_ns,
                end_ns=span.end_ns,
                asked=span.input,
                told=None if span.failed else span.output,
                turn=None,
            )
