"""What each attempt, question and time without a worker of a run had to wait for, as known by where its steps stand in the flow.

A branch is code that runs in order. What runs beside it says so by its identity: a member of a gather or of a task group begins after
what came before in its parent, and what follows waits for all of the group. Steps that were called together overlap. Where order cannot
be told from chance, in which a step with a key that another task called would be an example, nothing is told.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TypeAlias

import msgspec

from reev_flow.trace.run import Attempt, Gap, RunRecord

MOST_IDS = 256  # more are not told
END, DOWN, UP, START, END_AT_ONCE = range(5)  # the order of what happens at the same time

Ids: TypeAlias = tuple[str, ...] | None


class Edges(msgspec.Struct, frozen=True):
    """By span id, the siblings that a start waited for; and the children that the flow's end waited for. None where it is not known."""

    after: dict[str, Ids]
    joined: Ids


class _Line:
    """A branch: what ended in it last, and what is under way in it, with what that waited for."""

    __slots__ = ("foreign", "group", "has_begun", "is_mixed", "last", "open", "ups", "waits")

    def __init__(self, group: "_Group | None") -> None:
        self.group = group
        self.has_begun = group is None
        self.last: Ids = ()
        self.open: dict[str, Ids] = {}
        self.waits: Counter[Ids] = Counter()  # of what is open, for how many each was: thousands may be
        self.foreign = 0  # how much of it may have been called by other tasks
        self.is_mixed = False  # such were under way beside others
        self.ups = 0  # how often a worker had come back when it was last looked at

    def begin(self, span_id: str, after: Ids) -> None:
        self.open[span_id] = after
        self.waits[after] += 1

    def end(self, span_id: str) -> Ids:
        """What it had waited for."""
        if span_id not in self.open:
            return None
        after = self.open.pop(span_id)
        self.waits[after] -= 1
        if not self.waits[after]:
            del self.waits[after]
        return after


class _Group:
    """Branches that are waited for together. One that was opened by its name may belong to whatever task."""

    __slots__ = ("base", "has_begun", "is_named", "lines", "parent", "remaining", "ups")

    def __init__(self, parent: _Line, *, is_named: bool) -> None:
        self.parent = parent
        self.is_named = is_named
        self.base: Ids = ()
        self.has_begun = False
        self.remaining = 0
        self.lines: list[_Line] = []
        self.ups = 0


def edges_of(record: RunRecord, attempts: Sequence[tuple[str, Attempt]], downs: Sequence[tuple[str, Gap]]) -> Edges:
    """Attempts and downs go with the ids of their spans."""
    flow = _Flow()
    for span_id, attempt in attempts:
        flow.expect(span_id, attempt)
    for _, happening, span_id in sorted(_happenings(attempts, downs), key=itemgetter(0, 1)):
        flow.see(happening, span_id)
    return Edges(flow.after, flow.last(flow.root) if record.ended_ns is not None else None)


def _happenings(
    attempts: Sequence[tuple[str, Attempt]], downs: Sequence[tuple[str, Gap]]
) -> Iterator[tuple[int, int, str]]:
    for span_id, attempt in attempts:
        yield attempt.started_ns, START, span_id
        if attempt.ended_ns is not None:
            is_at_once = attempt.ended_ns <= attempt.started_ns
            yield max(attempt.ended_ns, attempt.started_ns), END_AT_ONCE if is_at_once else END, span_id
    for span_id, gap in downs:
        yield gap.start_ns, DOWN, span_id
        if gap.end_ns is not None:
            yield gap.end_ns, UP, span_id


class _Flow:
    """Sees what happens in the order in which it did."""

    def __init__(self) -> None:
        self.root = _Line(None)
        self.after: dict[str, Ids] = {}
        self._lines: dict[tuple[str, ...], _Line] = {(): self.root}
        self._groups: dict[tuple[str, ...], _Group] = {}
        self._steps: dict[str, str] = {}
        self._places: dict[str, _Line] = {}
        self._tries: dict[str, tuple[str, int]] = {}
        self._ups = 0
        self._up_id = ""

    def expect(self, span_id: str, attempt: Attempt) -> None:
        line = self._line(tuple(attempt.step.split("/")[:-1]))
        self._steps[span_id], self._places[span_id] = attempt.step, line
        for group in _groups_around(line):
            group.remaining += 1

    def _line(self, branches: tuple[str, ...]) -> _Line:
        line = self.root
        for depth, branch in enumerate(branches, 1):
            path = branches[:depth]
            inner = self._lines.get(path)
            if inner is None:
                name, colon, _ = branch.partition(":")
                group = self._groups.setdefault((*path[:-1], name), _Group(line, is_named=not colon))
                inner = self._lines[path] = _Line(group)
                group.lines.append(inner)
            line = inner
        return line

    def see(self, happening: int, span_id: str) -> None:
        if happening == START:
            self._start(span_id)
        elif happening == DOWN:
            self.after[span_id] = self._everything()
        elif happening == UP:
            self._ups, self._up_id = self._ups + 1, span_id
        else:
            self._end(span_id)

    def last(self, line: _Line) -> Ids:
        """Once a worker came back, all that begins has waited for that."""
        if line.ups != self._ups:
            line.ups, line.last, line.is_mixed = self._ups, (self._up_id,), False
        return line.last

    def _start(self, span_id: str) -> None:
        line, step = self._places[span_id], self._steps[span_id]
        for group in reversed(_groups_around(line)):
            self._begin(group)
        if not line.has_begun:
            self._begin_line(line)
        earlier = self._tries.get(step)
        if earlier is not None:
            after: Ids = (earlier[0],) if earlier[1] == self._ups else (self._up_id,)
        else:
            after = self._first_try(line, is_foreign=_may_be_foreign(step))
        self.after[span_id] = after
        line.begin(span_id, after)
        line.foreign += _may_be_foreign(step)

    def _first_try(self, line: _Line, *, is_foreign: bool) -> Ids:
        last = self.last(line)
        if not line.open and not line.foreign:
            line.is_mixed = False
            return last
        if is_foreign or line.foreign:
            line.last, line.is_mixed = None, True
            return None
        return last if line.waits.keys() <= {last} else None

    def _begin(self, group: _Group) -> None:
        parent = group.parent
        if not parent.has_begun:
            self._begin_line(parent)
        if not group.has_begun:
            group.has_begun, group.ups = True, self._ups
            group.base = self._first_try(parent, is_foreign=True) if group.is_named else self.last(parent)
            parent.foreign += group.is_named
        elif group.ups != self._ups:
            group.ups, group.base = self._ups, (self._up_id,)

    def _begin_line(self, line: _Line) -> None:
        """What its parent did since the group began may have come before it, or not."""
        group = line.group
        line.has_begun, line.ups = True, self._ups
        if group is not None:
            is_known = group.is_named or self.last(group.parent) == group.base
            line.last = group.base if is_known else None

    def _end(self, span_id: str) -> None:
        line, step = self._places[span_id], self._steps[span_id]
        after = line.end(span_id)
        line.foreign -= _may_be_foreign(step)
        self._tries[step] = span_id, self._ups
        self._come_after(line, after, [(span_id,)])
        for group in _groups_around(line):
            group.remaining -= 1
            if group.remaining == 0:
                group.parent.foreign -= group.is_named
                ends = [self.last(inner) for inner in group.lines]
                self._come_after(group.parent, group.base, ends)

    def _come_after(self, line: _Line, base: Ids, ends: Iterable[Ids]) -> None:
        last = self.last(line)
        if last is None and not (line.open or line.foreign or line.is_mixed):
            last = ()
        line.last = _merged(last, base, ends)

    def _everything(self) -> Ids:
        """What ended last in all branches that are not waited for yet."""
        begun = [line for line in self._lines.values() if line.has_begun and _is_under_way(line)]
        last = _merged((), (), [self.last(line) for line in begun])
        groups = {id(line.group): line.group for line in begun if line.group is not None}.values()
        moved = [group for group in groups if any(line.last != group.base for line in group.lines if line.has_begun)]
        bases = {earlier for group in moved for earlier in group.base or ()}
        return None if last is None else tuple(span_id for span_id in last if span_id not in bases)


def _is_under_way(line: _Line) -> bool:
    return line.group is None or line.group.remaining > 0


def _groups_around(line: _Line) -> list[_Group]:
    """From the inside out."""
    groups: list[_Group] = []
    while line.group is not None:
        groups.append(line.group)
        line = line.group.parent
    return groups


def _may_be_foreign(step: str) -> bool:
    """A step with a key may be called by any task."""
    return step.endswith("]")


def _merged(last: Ids, base: Ids, ends: Iterable[Ids]) -> Ids:
    if last is None:
        return None
    told = dict.fromkeys(last)
    for earlier in base or ():
        told.pop(earlier, None)
    for ended in ends:
        if ended is None:
            return None
        told.update(dict.fromkeys(ended))
    return tuple(told) if len(told) <= MOST_IDS else None
