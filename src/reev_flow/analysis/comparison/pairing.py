"""Which operation of one run is which of another: families are aligned one after the other, from the roots down."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from reev_flow.analysis.comparison.missing_parents import claim_families
from reev_flow.analysis.comparison.operations import Operations
from reev_flow.analysis.comparison.sequences import Match, align
from reev_flow.analysis.comparison.side_by_side import parallel_groups
from reev_flow.trace.trace import NO_PARENT

Family: TypeAlias = Sequence[int]

NO_PARTNER = -1


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """`partners_of_a[i]` is the operation of B that stands for operation i of A, or `NO_PARTNER`, and the other way round.

    `moved_a` are those of A whose partner came in another order. `pending_a` are those of A that B has not come to yet, as far as anybody
    knows. `families_of_b` says which operations of B, whose parent was never seen, are taken for the children of an operation of A.
    """

    partners_of_a: list[int]
    partners_of_b: list[int]
    moved_a: set[int]
    pending_a: set[int]
    pending_b: set[int]
    families_of_a: dict[int, list[int]]
    families_of_b: dict[int, list[int]]

    def swapped(self) -> "Pairing":
        return Pairing(
            partners_of_a=self.partners_of_b,
            partners_of_b=self.partners_of_a,
            moved_a={self.partners_of_a[index] for index in self.moved_a},
            pending_a=self.pending_b,
            pending_b=self.pending_a,
            families_of_a=self.families_of_b,
            families_of_b=self.families_of_a,
        )


def pair_operations(a: Operations, b: Operations) -> Pairing:
    """The same pairs whichever run comes first: of two ways that are equally good, the one taken does not depend on it."""
    if _order(a) <= _order(b):
        return _Pairs(a, b).pairing()
    return _Pairs(b, a).pairing().swapped()


def _order(run: Operations) -> tuple[object, ...]:
    moments = [run.span(index).start_ns - run.trace.start_ns for index in range(len(run))]
    return len(run), run.whats, run.questions, run.parents, run.is_partial, moments


class _Pairs:
    """The pairs found so far."""

    def __init__(self, a: Operations, b: Operations) -> None:
        self._a, self._b = a, b
        shared: dict[object, int] = {}
        self._equal = _equal_keys(a, shared), _equal_keys(b, shared)
        self._alike = [[shared.setdefault(what, len(shared)) for what in run.whats] for run in (a, b)]
        self._of_a = [NO_PARTNER] * len(a)
        self._of_b = [NO_PARTNER] * len(b)
        self._moved: set[int] = set()
        self._pending: tuple[set[int], set[int]] = (set(), set())

    def pairing(self) -> Pairing:
        families_of_b = claim_families(self._a, self._b)
        families_of_a = {} if families_of_b else claim_families(self._b, self._a)
        claimed_a = {index for family in families_of_a.values() for index in family}
        claimed_b = {index for family in families_of_b.values() for index in family}
        for parent, family in families_of_b.items():
            self._pair_below(self._a.children[parent], family, (self._a.is_open(parent), True))
        for parent, family in families_of_a.items():
            self._pair_below(family, self._b.children[parent], (True, self._b.is_open(parent)))
        roots_a = [index for index in self._a.roots if index not in claimed_a]
        roots_b = [index for index in self._b.roots if index not in claimed_b]
        self._pair_below(roots_a, roots_b, (True, True), is_top=True)
        self._pending[0].update(_with_those_around(self._a, families_of_b))
        self._pending[1].update(_with_those_around(self._b, families_of_a))
        return Pairing(
            partners_of_a=self._of_a,
            partners_of_b=self._of_b,
            moved_a=self._moved,
            pending_a=_with_unpaired_below(self._a, self._pending[0], self._of_a),
            pending_b=_with_unpaired_below(self._b, self._pending[1], self._of_b),
            families_of_a=families_of_a,
            families_of_b=families_of_b,
        )

    def _pair_below(self, a: Family, b: Family, may_grow: tuple[bool, bool], *, is_top: bool = False) -> None:
        families = [(a, b, may_grow, is_top)]
        while families:
            a, b, may_grow, is_top = families.pop()
            for one, other in self._pair_family(a, b, may_grow, is_top=is_top):
                below = self._a.children[one], self._b.children[other]
                if below[0] or below[1]:
                    families.append((*below, (self._a.is_open(one), self._b.is_open(other)), False))

    def _pair_family(self, a: Family, b: Family, may_grow: tuple[bool, bool], *, is_top: bool) -> list[Match]:
        a = [index for index in a if self._of_a[index] == NO_PARTNER]
        b = [index for index in b if self._of_b[index] == NO_PARTNER]
        equal = [self._equal[0][index] for index in a], [self._equal[1][index] for index in b]
        alike = [self._alike[0][index] for index in a], [self._alike[1][index] for index in b]
        matches = align(equal, alike)
        groups = parallel_groups(self._a, a), parallel_groups(self._b, b)
        if len(matches) < min(len(a), len(b)):
            if is_top and len(a) == len(b) == 1 and self._a.whats[a[0]][0] is self._b.whats[b[0]][0]:
                matches = [(0, 0)]  # the run itself, by another name
            stray = _strays(equal, matches)
            matches, moved = _with_strays(matches, stray, groups)
            self._moved.update(a[place] for place in moved)
            matches, _ = _with_strays(matches, _strays(alike, matches), groups, only_beside=True)
        self._note_pending(a, b, matches, may_grow)
        pairs = [(a[place], b[other]) for place, other in matches]
        for one, other in pairs:
            self._of_a[one], self._of_b[other] = other, one
        return pairs

    def _note_pending(self, a: Family, b: Family, matches: Sequence[Match], may_grow: tuple[bool, bool]) -> None:
        """What lies behind everything that was found may still come, in a family that may still grow."""
        if may_grow[1] and self._b.is_partial:
            last = max((place for place, _ in matches), default=-1)
            self._pending[0].update(a[last + 1 :])
        if may_grow[0] and self._a.is_partial:
            last = max((place for _, place in matches), default=-1)
            self._pending[1].update(b[last + 1 :])


def _equal_keys(run: Operations, shared: dict[object, int]) -> list[int]:
    """The same key for what is the same with everything below it."""
    keys = [0] * len(run)
    for index in range(len(run) - 1, -1, -1):
        below = tuple(sorted(keys[child] for child in run.children[index]))
        keys[index] = shared.setdefault((run.whats[index], run.questions[index], below), len(shared))
    return keys


def _strays(keys: tuple[list[int], list[int]], matches: Sequence[Match]) -> list[Match]:
    """Pairs of what has the same key and was not matched in order."""
    taken_a, taken_b = {a for a, _ in matches}, {b for _, b in matches}
    waiting: dict[int, list[int]] = {}
    for place in range(len(keys[1]) - 1, -1, -1):
        if place not in taken_b:
            waiting.setdefault(keys[1][place], []).append(place)
    return [
        (place, waiting[key].pop()) for place, key in enumerate(keys[0]) if place not in taken_a and waiting.get(key)
    ]


def _with_strays(
    matches: Sequence[Match], strays: Sequence[Match], groups: tuple[list[int], list[int]], *, only_beside: bool = False
) -> tuple[list[Match], list[int]]:
    """All of them by their place in A, and the places in A of the strays that changed their order with something that ran before or after them
    in both runs; these are left out if only what ran beside is wanted.
    """
    if not strays:
        return list(matches), []
    both = sorted([*matches, *strays])
    most_before = _furthest([(groups[0][a], groups[1][b]) for a, b in both])
    least_after = _furthest([(-groups[0][a], -groups[1][b]) for a, b in reversed(both)])
    moved = [
        (a, b)
        for a, b in strays
        if most_before[groups[0][a]] > groups[1][b] or least_after[-groups[0][a]] > -groups[1][b]
    ]
    if only_beside:
        left_out = set(moved)
        return [match for match in both if match not in left_out], []
    return both, [a for a, _ in moved]


def _furthest(groups: Sequence[Match]) -> dict[int, int]:
    """For each group of the one, sorted, the furthest group of the other that a group before it was matched with."""
    furthest: dict[int, int] = {}
    reached = pending = -(1 << 62)
    current: int | None = None
    for group, other in groups:
        if group != current:
            reached, current = max(reached, pending), group
        furthest[group] = reached
        pending = max(pending, other)
    return furthest


def _with_those_around(run: Operations, parents: Sequence[int] | dict[int, list[int]]) -> set[int]:
    around: set[int] = set()
    for index in parents:
        above = index
        while above != NO_PARENT and above not in around:
            around.add(above)
            above = run.parents[above]
    return around


def _with_unpaired_below(run: Operations, pending: set[int], partners: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for index, parent in enumerate(run.parents):
        if partners[index] == NO_PARTNER and (index in pending or parent in found):
            found.add(index)
    return found
