"""Two sequences aligned in order: what is alike in both, and alike only here and there, is found without comparing everything with everything.

Common ends are cut off; what occurs once in both is an anchor; between anchors, short gaps are aligned exactly by weight, and long
ones by how often a thing was met. So the work grows with the length, and never with its square.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

Match: TypeAlias = tuple[int, int]
Gap: TypeAlias = tuple[int, int, int, int]  # from and to in the one, from and to in the other
Keys: TypeAlias = Sequence[int]

MOST_CELLS = 2_500  # of a gap that is aligned exactly
MOST_ROUNDS = 8  # of splitting at anchors
EQUAL_WEIGHT = 5
ALIKE_WEIGHT = 2


def align(equal: tuple[Keys, Keys], alike: tuple[Keys, Keys]) -> list[Match]:
    """Pairs of places, both increasing. Things with the same key in `equal` are the same, those with the same in `alike` may stand for each
    other; of several ways the earliest places are taken.
    """
    matches: list[Match] = []
    gaps: list[tuple[Gap, int]] = [((0, len(equal[0]), 0, len(equal[1])), 0)]
    while gaps:
        gap, rounds = gaps.pop()
        gap = _without_common_ends(equal, gap, matches)
        if gap[0] == gap[1] or gap[2] == gap[3]:
            continue
        if (gap[1] - gap[0]) * (gap[3] - gap[2]) <= MOST_CELLS:
            matches += _best_of(equal, alike, gap)
            continue
        last_round = rounds == MOST_ROUNDS
        anchors = _by_rank(alike, gap) if last_round else _anchors(equal, alike, gap)
        matches += anchors
        if anchors and not last_round:
            gaps += [(between, rounds + 1) for between in _between(anchors, gap)]
    return sorted(matches)


def increasing(pairs: Iterable[Match]) -> list[Match]:
    """The most of these pairs, sorted by their first, whose second increases too."""
    tails: list[int] = []
    tail_pairs: list[int] = []
    taken: list[tuple[Match, int]] = []
    for pair in pairs:
        length = bisect_left(tails, pair[1])
        taken.append((pair, tail_pairs[length - 1] if length else -1))
        tails[length : length + 1] = [pair[1]]
        tail_pairs[length : length + 1] = [len(taken) - 1]
    chain: list[Match] = []
    at = tail_pairs[-1] if tail_pairs else -1
    while at >= 0:
        pair, at = taken[at]
        chain.append(pair)
    return chain[::-1]


def _without_common_ends(equal: tuple[Keys, Keys], gap: Gap, matches: list[Match]) -> Gap:
    a, a_end, b, b_end = gap
    while a < a_end and b < b_end and equal[0][a] == equal[1][b]:
        matches.append((a, b))
        a, b = a + 1, b + 1
    while a < a_end and b < b_end and equal[0][a_end - 1] == equal[1][b_end - 1]:
        a_end, b_end = a_end - 1, b_end - 1
        matches.append((a_end, b_end))
    return a, a_end, b, b_end


def _anchors(equal: tuple[Keys, Keys], alike: tuple[Keys, Keys], gap: Gap) -> list[Match]:
    for find, keys in ((_unique, equal), (_unique, alike), (_by_rank, equal), (_by_rank, alike)):
        found = find(keys, gap)
        if found:
            return found
    return []


def _unique(keys: tuple[Keys, Keys], gap: Gap) -> list[Match]:
    """What occurs once on either side."""
    first, second = _places(keys[0], gap[0], gap[1]), _places(keys[1], gap[2], gap[3])
    pairs = (
        (places[0], second[key][0])
        for key, places in first.items()
        if len(places) == 1 and len(second.get(key, ())) == 1
    )
    return increasing(pairs)


def _by_rank(keys: tuple[Keys, Keys], gap: Gap) -> list[Match]:
    """The first of a kind with the first of that kind, the second with the second, and so on."""
    first, second = _places(keys[0], gap[0], gap[1]), _places(keys[1], gap[2], gap[3])
    pairs = (pair for key, places in first.items() for pair in zip(places, second.get(key, ()), strict=False))
    return increasing(sorted(pairs))


def _places(keys: Keys, start: int, end: int) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for place in range(start, end):
        places.setdefault(keys[place], []).append(place)
    return places


def _between(anchors: Sequence[Match], gap: Gap) -> list[Gap]:
    starts = [(gap[0], gap[2]), *((a + 1, b + 1) for a, b in anchors)]
    ends = [*anchors, (gap[1], gap[3])]
    return [(a, a_end, b, b_end) for (a, b), (a_end, b_end) in zip(starts, ends, strict=True)]


def _best_of(equal: tuple[Keys, Keys], alike: tuple[Keys, Keys], gap: Gap) -> list[Match]:
    """The heaviest alignment, by how much the rest of both from each pair of places weighs."""
    a_start, a_end, b_start, b_end = gap
    width = b_end - b_start

    def weight(a: int, b: int) -> int:
        if equal[0][a] == equal[1][b]:
            return EQUAL_WEIGHT
        return ALIKE_WEIGHT if alike[0][a] == alike[1][b] else 0

    rests = [[0] * (width + 1)]
    for a in range(a_end - 1, a_start - 1, -1):
        below, row = rests[-1], [0] * (width + 1)
        for place in range(width - 1, -1, -1):
            both = weight(a, b_start + place)
            row[place] = max(below[place], row[place + 1], below[place + 1] + both if both else 0)
        rests.append(row)
    rests.reverse()
    return _walk(rests, weight, gap)


def _walk(rests: Sequence[Sequence[int]], weight: Callable[[int, int], int], gap: Gap) -> list[Match]:
    a, b = gap[0], gap[2]
    matches: list[Match] = []
    while a < gap[1] and b < gap[3]:
        here = rests[a - gap[0]][b - gap[2]]
        both = weight(a, b)
        if both and here == rests[a - gap[0] + 1][b - gap[2] + 1] + both:
            matches.append((a, b))
            a, b = a + 1, b + 1
        elif here == rests[a - gap[0]][b - gap[2] + 1]:
            b += 1
        else:
            a += 1
    return matches
