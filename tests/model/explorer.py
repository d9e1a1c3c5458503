"""Visits every state that a small world can get into, the nearest first."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

import msgspec

S = TypeVar("S")

Moves = Callable[[S], Iterable[tuple[str, S]]]
StateCheck = Callable[[S], bool]
MoveCheck = Callable[[S, str, S], bool]


CAN_STILL_END = "it can always still come to its end"


class Broken(msgspec.Struct, frozen=True):
    """An invariant that does not hold, and the moves that lead there: none shorter do."""

    invariant: str
    moves: tuple[str, ...]


class Seen(msgspec.Struct, frozen=True):
    """How much there was to see. `broken` is the first invariant that did not hold."""

    states: int
    moves: int
    broken: Broken | None = None


class Explorer(Generic[S]):
    """Two states with one key are one state. `is_over` is what must stay within reach, however things went."""

    def __init__(
        self,
        moves: Moves[S],
        key: Callable[[S], Hashable],
        is_over: Callable[[S], bool],
        *,
        always: Mapping[str, StateCheck[S]],
        each_move: Mapping[str, MoveCheck[S]],
    ) -> None:
        self._moves, self._key, self._is_over = moves, key, is_over
        self._always, self._each_move = always, each_move
        self._number: dict[Hashable, int] = {}
        self._came: list[tuple[int, str]] = []  # by state: from which, by what move
        self._leads_here: list[list[int]] = []
        self._over: list[int] = []

    def explore(self, start: S) -> Seen:
        """Stops at the first invariant that is broken."""
        waiting, moves = deque([(self._meet(start, -1, ""), start)]), 0
        while waiting:
            here, state = waiting.popleft()
            for name, then in self._moves(state):
                moves += 1
                is_new = self._key(then) not in self._number
                there = self._meet(then, here, name)
                self._leads_here[there].append(here)
                broken = self._broken_by_move(state, name, then) or (self._broken_in(then) if is_new else "")
                if broken:
                    return self._seen(moves, Broken(broken, (*self._way_to(here), name)))
                if is_new:
                    waiting.append((there, then))
        return self._seen(moves, self._dead_end())

    def _meet(self, state: S, came_from: int, by: str) -> int:
        number = self._number.setdefault(self._key(state), len(self._came))
        if number == len(self._came):
            self._came.append((came_from, by))
            self._leads_here.append([])
            if self._is_over(state):
                self._over.append(number)
        return number

    def _broken_in(self, state: S) -> str:
        return next((name for name, holds in self._always.items() if not holds(state)), "")

    def _broken_by_move(self, state: S, name: str, then: S) -> str:
        return next((check for check, holds in self._each_move.items() if not holds(state, name, then)), "")

    def _way_to(self, number: int) -> tuple[str, ...]:
        way = []
        while number > 0:
            number, name = self._came[number]
            way.append(name)
        return tuple(reversed(way))

    def _dead_end(self) -> Broken | None:
        """The nearest state from which no moves lead to an end."""
        reached, waiting = set(self._over), list(self._over)
        while waiting:
            for before in self._leads_here[waiting.pop()]:
                if before not in reached:
                    reached.add(before)
                    waiting.append(before)
        stuck = next((number for number in range(len(self._came)) if number not in reached), None)
        return None if stuck is None else Broken(CAN_STILL_END, self._way_to(stuck))

    def _seen(self, moves: int, broken: Broken | None) -> Seen:
        return Seen(len(self._came), moves, broken)
