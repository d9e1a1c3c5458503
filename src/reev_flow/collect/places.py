"""Where attributes tell of which concept: decided by their names alone, and so once for all spans that have the same names."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from reev_flow.collect.dialects import FIELDS, INDEXED_PREFIXES, MEANINGS, PLACEHOLDERS, QUOTED
from reev_flow.collect.dialects.dialect import Concept, Path
from reev_flow.trace.span import Attributes

MOST_SHAPES = 512  # sets of names that are remembered: the spans of one program have a few dozen
LONGEST_SHAPE = 2_048  # characters of all its names; a set with more is unlikely to come again
MOST_NAMES = 16_384  # for sets that come once, such as those of flattened lists, what a name means is remembered
LONGEST_NAME = 256  # no name that means something is longer, and what is remembered must not grow


class Place(NamedTuple):
    """An attribute, or what is at a `path` in it, or the attributes (`leaves`, with their paths) that a list was flattened into.

    The lower the rank, the more it counts. `source` says whose attributes: 0 is the span itself, then its events.
    """

    rank: int
    attribute: str
    path: Path = ()
    leaves: tuple[tuple[str, str], ...] = ()
    is_quoted: bool = False
    placeholders: tuple[str, ...] = ()
    source: int = 0
    is_as_sent: bool = False  # an attribute of which nothing has to be taken off


Places: TypeAlias = Mapping[Concept, Sequence[Place]]


def places_of(attributes: Attributes) -> Places:
    """What counts most comes first."""
    names = tuple(attributes)
    return _remembered(names) if sum(map(len, names)) <= LONGEST_SHAPE else _places(names)


def _places(names: Sequence[str]) -> Places:
    places: dict[Concept, list[Place]] = {}
    flattened: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        prefix, rest = _piece(name) if len(name) <= LONGEST_NAME else NO_PIECE
        if prefix:
            flattened.setdefault(prefix, []).append((name, rest))
            continue
        for concept, place in _own_places(name):
            places.setdefault(concept, []).append(place)
    for prefix, leaves in flattened.items():
        concept, rank = MEANINGS[prefix]
        places.setdefault(concept, []).append(Place(rank, prefix, leaves=tuple(leaves)))
    return {concept: sorted(listed, key=attrgetter("rank")) for concept, listed in places.items()}


_remembered = lru_cache(MOST_SHAPES)(_places)
NO_PIECE = "", ""


@lru_cache(MOST_NAMES)
def _piece(name: str) -> tuple[str, str]:
    """The first two words and the rest of a name that is a piece of a flattened list."""
    prefix = name[: name.find(".", name.find(".") + 1) + 1]
    rest = name[len(prefix) :]
    return (prefix, rest) if name not in MEANINGS and prefix in INDEXED_PREFIXES and rest[:1].isdigit() else NO_PIECE


def _own_places(name: str) -> Iterator[tuple[Concept, Place]]:
    placeholders = PLACEHOLDERS.get(name, ())
    if name in MEANINGS:
        concept, rank = MEANINGS[name]
        is_quoted = name in QUOTED
        is_as_sent = not is_quoted and not placeholders
        yield concept, Place(rank, name, is_quoted=is_quoted, placeholders=placeholders, is_as_sent=is_as_sent)
    for path, (concept, rank) in FIELDS.get(name, ()):
        yield concept, Place(rank, name, path=path, placeholders=placeholders)
