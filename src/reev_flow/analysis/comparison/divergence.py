"""Where two runs parted first, in one sentence.

Steps are taken in the order they began, and what came of a step after everything inside it: an agent that failed because its tool did has
not parted from the other by itself. What was only said in other words counts where nothing else differs, and so does what flows, agents and
steps were given or gave back after that: it is made of those words.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

import msgspec

from reev_flow.analysis.comparison.operations import Operations
from reev_flow.analysis.comparison.steps import NOT_THERE, Change, Step
from reev_flow.analysis.meaning.failure import failure_text, quoted
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT

AT_THE_START = frozenset({Change.MISSING, Change.ADDED, Change.MOVED, Change.OTHER_NAME, Change.OTHER_ARGUMENTS})
BEFORE_THE_DIFFERENCE = 20  # characters that are shown of what both share
LONGEST_NAME = 60
CARRIERS = frozenset({Operation.FLOW, Operation.AGENT, Operation.STEP})
CARRIED = frozenset({Change.OTHER_ARGUMENTS, Change.OTHER_RESULT})


class Divergence(msgspec.Struct, frozen=True, kw_only=True):
    """`step` is its index among the steps. The evidence are the ids of spans of each run; where a run lacks the step, those of the last
    step that both did before it.
    """

    change: Change
    step: int
    message: str
    evidence_a: tuple[str, ...]
    evidence_b: tuple[str, ...]


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """Both runs and their steps."""

    a: Operations
    b: Operations
    steps: Sequence[Step]


def first_divergence(parties: Parties) -> Divergence | None:
    events = list(_with_causes(parties.steps))
    real = (event for event in events if event[1] is not Change.OTHER_WORDS)
    first = next(real, events[0] if events else None)
    return None if first is None else _told(parties, *first)


def _with_causes(steps: Sequence[Step]) -> Iterator[tuple[int, Change]]:
    """Without what only carries on earlier words."""
    is_worded = False
    for index, change in _events(steps):
        is_worded = is_worded or change is Change.OTHER_WORDS
        if not (is_worded and change in CARRIED and steps[index].operation in CARRIERS):
            yield index, change


def _events(steps: Sequence[Step]) -> Iterator[tuple[int, Change]]:
    unfinished: list[int] = []
    for index, step in enumerate(steps):
        while unfinished and steps[unfinished[-1]].end <= index:
            yield from _at_the_end(steps, unfinished.pop())
        if not step.is_pending:
            yield from ((index, change) for change in step.changes if change in AT_THE_START)
        unfinished.append(index)
    while unfinished:
        yield from _at_the_end(steps, unfinished.pop())


def _at_the_end(steps: Sequence[Step], index: int) -> Iterator[tuple[int, Change]]:
    return ((index, change) for change in steps[index].changes if change not in AT_THE_START)


def _told(parties: Parties, index: int, change: Change) -> Divergence:
    before = _before(parties.steps, index)
    instead = _instead(parties.steps, index) if change is Change.MISSING else None
    seen_in_a, seen_in_b = (index if parties.steps[index].a != NOT_THERE else before), index
    if parties.steps[index].b == NOT_THERE:
        seen_in_b = before if instead is None else instead
    where = _where(parties.steps, index, before)
    what = _replaced(parties, index, instead) if instead is not None else TELLERS[change](parties, index)
    return Divergence(
        change=change,
        step=index,
        message=f"{where}{what}",
        evidence_a=_evidence(parties.a, seen_in_a, [step.a for step in parties.steps]),
        evidence_b=_evidence(parties.b, seen_in_b, [step.b for step in parties.steps]),
    )


def _before(steps: Sequence[Step], index: int) -> int:
    """The last step before it, beside or around it, that both runs did; `NOT_THERE` if there is none."""
    place = steps[index].parent + 1
    found = steps[index].parent
    while place < index:
        if steps[place].a != NOT_THERE and steps[place].b != NOT_THERE:
            found = place
        place = steps[place].end
    return found


def _instead(steps: Sequence[Step], index: int) -> int | None:
    """The first step that only B did, where A alone did this one."""
    parent, place = steps[index].parent, steps[index].end
    while place < len(steps) and steps[place].parent == parent:
        if steps[place].a == NOT_THERE:
            return None if steps[place].is_pending else place
        if steps[place].b != NOT_THERE:
            return None
        place = steps[place].end
    return None


def _evidence(run: Operations, step: int, positions: Sequence[int]) -> tuple[str, ...]:
    return () if step == NO_PARENT else (run.trace.spans[positions[step]].span_id,)


def _where(steps: Sequence[Step], index: int, before: int) -> str:
    parent = steps[index].parent
    around = f"in {_name(steps[parent])}" if parent != NO_PARENT else ""
    after = f"after {_name(steps[before])}" if before != parent else ""
    told = ", ".join(part for part in (around, after) if part)
    return f"{told[:1].upper()}{told[1:]}: " if told else ""


def _name(step: Step) -> str:
    name = quoted(step.name)[:LONGEST_NAME] or "(no name)"
    return name if step.operation is Operation.OTHER else f"{step.operation} {name}"


def _replaced(parties: Parties, index: int, instead: int) -> str:
    return f"A ran {_call(parties.a, parties.steps[index], 'a')}, B ran {_call(parties.b, parties.steps[instead], 'b')} instead"


def _missing(parties: Parties, index: int) -> str:
    return f"A ran {_call(parties.a, parties.steps[index], 'a')}, B did not"


def _added(parties: Parties, index: int) -> str:
    return f"B ran {_call(parties.b, parties.steps[index], 'b')}, A did not"


def _moved(parties: Parties, index: int) -> str:
    return f"A ran {_name(parties.steps[index])} here, B at another place in the order"


def _other_name(parties: Parties, index: int) -> str:
    step = parties.steps[index]
    other = parties.b.label(parties.b.owners[step.b])
    return f"A ran {_name(step)}, B {quoted(other)[:LONGEST_NAME] or '(no name)'}"


def _other_arguments(parties: Parties, index: int) -> str:
    one, other = _both(parties, index)
    a, b = _apart(parties.a.text(parties.a.input(one)), parties.b.text(parties.b.input(other)))
    return f"{_name(parties.steps[index])} was given {a} in A and {b} in B"


def _other_result(parties: Parties, index: int) -> str:
    one, other = _both(parties, index)
    step = parties.steps[index]
    if step.operation is Operation.LLM:
        a, b = _apart(_asked(parties.a, one), _asked(parties.b, other))
        return f"{_name(step)} asked for {a} in A and for {b} in B"
    a, b = _apart(parties.a.text(parties.a.output(one)), parties.b.text(parties.b.output(other)))
    return f"{_name(step)} returned {a} in A and {b} in B"


def _failed(parties: Parties, index: int) -> str:
    step = parties.steps[index]
    return f"{_name(step)} went well in A and failed in B{_reason(parties.b, step.b)}"


def _went_well(parties: Parties, index: int) -> str:
    step = parties.steps[index]
    return f"{_name(step)} failed in A{_reason(parties.a, step.a)} and went well in B"


def _other_words(parties: Parties, index: int) -> str:
    return f"{_name(parties.steps[index])} answered in other words, and nothing else differs"


TELLERS: dict[Change, Callable[[Parties, int], str]] = {
    Change.MISSING: _missing,
    Change.ADDED: _added,
    Change.MOVED: _moved,
    Change.OTHER_NAME: _other_name,
    Change.OTHER_ARGUMENTS: _other_arguments,
    Change.OTHER_RESULT: _other_result,
    Change.FAILED: _failed,
    Change.WENT_WELL: _went_well,
    Change.OTHER_WORDS: _other_words,
}


def _both(parties: Parties, index: int) -> tuple[int, int]:
    step = parties.steps[index]
    return parties.a.owners[step.a], parties.b.owners[step.b]


def _call(run: Operations, step: Step, side: str) -> str:
    position = step.a if side == "a" else step.b
    given = run.input(run.owners[position])
    if step.operation is Operation.LLM or given is None:
        return _name(step)
    return f"{_name(step)}({quoted(_readable(run.text(given)))})"


def _asked(run: Operations, index: int) -> bytes:
    call = run.model_calls.get(index)
    if call is None or not call.asked:
        return b"no tool"
    return b", ".join(
        b"%s(%s)" % (request.name.encode(errors="replace"), run.text(request.arguments)) for request in call.asked
    )


def _reason(run: Operations, position: int) -> str:
    told = failure_text(run.trace.spans[position])
    return f" ({quoted(told)})" if told else ""


def _apart(one: bytes, other: bytes) -> tuple[str, str]:
    """Both from shortly before where they begin to differ."""
    a, b = _readable(one), _readable(other)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
    skipped = max(0, shared - BEFORE_THE_DIFFERENCE)
    return (quoted(f"…{a[skipped:]}"), quoted(f"…{b[skipped:]}")) if skipped else (quoted(a), quoted(b))


def _readable(told: bytes) -> str:
    return told.decode(errors="replace")
