"""Which steps wait for which: cycles, and what comes before what."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Edges: TypeAlias = Mapping[str, Sequence[str]]

LONGEST_SHOWN = 10


def find_cycle(edges: Edges) -> tuple[str, ...]:
    """The names along one cycle, the first again at the end; empty when there is none. Every name that is led to must have edges."""
    finished: set[str] = set()
    for start in edges:
        path = (
            {} if start in finished else {start: iter(edges[start])}
        )  # in the order walked, with what is left to follow
        while path:
            last = next(reversed(path))
            child = next(path[last], None)
            if child is None:
                finished.add(last)
                del path[last]
            elif child in path:
                names = [*path]
                return (*names[names.index(child) :], child)
            elif child not in finished:
                path[child] = iter(edges[child])
    return ()


def cycle_text(cycle: Sequence[str]) -> str:
    """`a → b → a`; a long one is shortened in its middle."""
    shown = [*cycle] if len(cycle) <= LONGEST_SHOWN else [*cycle[: LONGEST_SHOWN - 2], "…", cycle[-1]]
    return " → ".join(shown)


def ancestors(edges: Edges) -> dict[str, frozenset[str]]:
    """Everything that comes before each name, directly or not. There must be no cycle."""
    found: dict[str, frozenset[str]] = {}
    todo = [*edges][::-1]
    while todo:
        name = todo[-1]
        missing = [before for before in edges[name] if before not in found]
        if missing:
            todo.extend(missing)
            continue
        todo.pop()
        found[name] = frozenset(edges[name]).union(*(found[before] for before in edges[name]))
    return found
