"""Siblings that repeat, put together: runs of the same, and rounds of the same few."""

from collections.abc import Hashable, Sequence

import msgspec

LONGEST_PATTERN = 4


class Group(msgspec.Struct, frozen=True):
    """Operations that are drawn as one, by their index, with the time in which they stand among their siblings.

    Groups with the same key are the same to the eye. A group with a `pattern` is a loop: it holds no operation itself, but `rounds`
    of the groups of its pattern.
    """

    key: Hashable
    indexes: Sequence[int]
    start_ns: int
    end_ns: int
    pattern: tuple["Group", ...] = ()
    rounds: int = 1


def fold_repeats(groups: Sequence[Group], *, least: int, counts_matter: bool) -> list[Group]:
    """Runs of at least `least` groups of one key become one group, then rounds of two to four groups one loop.

    Where counts matter, runs of different length are not the same in a loop.
    """
    keys: list[Hashable] = [group.key for group in groups]
    if len(set(keys)) > len(keys) - least + 1:
        return list(groups)  # nothing is there often enough
    runs = _fold_runs(groups, least)
    if len(runs) < 2 * least:
        return runs
    keys = [(run.key, len(run.indexes)) for run in runs] if counts_matter else [run.key for run in runs]
    return _fold_rounds(runs, keys, least)


def merge(groups: Sequence[Group]) -> Group:
    """One group of all, from the first start to the last end."""
    first = groups[0]
    indexes = [index for group in groups for index in group.indexes]
    return Group(first.key, indexes, first.start_ns, max(group.end_ns for group in groups))


def merge_same(groups: Sequence[Group]) -> list[Group]:
    """Groups of one key put together wherever they are; each stands where the first of its key stood."""
    by_key: dict[Hashable, list[Group]] = {}
    for group in groups:
        by_key.setdefault(group.key, []).append(group)
    return [_at_first(same) for same in by_key.values()]


def _at_first(groups: Sequence[Group]) -> Group:
    if len(groups) == 1:
        return groups[0]
    first = groups[0]
    return Group(first.key, [index for group in groups for index in group.indexes], first.start_ns, first.end_ns)


def _fold_runs(groups: Sequence[Group], least: int) -> list[Group]:
    folded: list[Group] = []
    start = 0
    while start < len(groups):
        key = groups[start].key
        end = start + 1
        while end < len(groups) and groups[end].key == key:
            end += 1
        if end - start >= least:
            folded.append(merge(groups[start:end]))
        else:
            folded.extend(groups[start:end])
        start = end
    return folded


def _fold_rounds(groups: Sequence[Group], keys: Sequence[Hashable], least: int) -> list[Group]:
    folded: list[Group] = []
    start = 0
    while start < len(groups):
        length, rounds = _best_pattern(keys, start, least)
        if rounds == 1:
            folded.append(groups[start])
            start += 1
        else:
            folded.append(_loop(groups[start : start + length * rounds], length))
            start += length * rounds
    return folded


def _best_pattern(keys: Sequence[Hashable], start: int, least: int) -> tuple[int, int]:
    """Length and rounds of the pattern that covers most from here, the shortest of equals; (1, 1) when nothing repeats."""
    best = (1, 1)
    for length in range(2, LONGEST_PATTERN + 1):
        if start + length * least > len(keys):
            break
        if keys[start] != keys[start + length]:
            continue
        rounds = _rounds(keys, start, length)
        if rounds >= least and length * rounds > best[0] * best[1]:
            best = (length, rounds)
    return best


def _rounds(keys: Sequence[Hashable], start: int, length: int) -> int:
    end = start + length
    while end < len(keys) and keys[end] == keys[end - length]:
        end += 1
    return (end - start) // length


def _loop(groups: Sequence[Group], length: int) -> Group:
    pattern = tuple(_at_first(groups[place::length]) for place in range(length))
    end_ns = max(group.end_ns for group in groups)
    key = ("loop", tuple(group.key for group in pattern))
    return Group(key, (), groups[0].start_ns, end_ns, pattern, len(groups) // length)
