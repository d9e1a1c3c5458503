"""The classes that may be rebuilt, by the names they are stored under."""

import functools
from collections.abc import Iterable
from typing import Any

from reev_flow.values.refusal import REGISTER, Refused, Unreadable, label


class Catalog:
    """Finds classes by name among those it was given, and never anywhere else.

    A stored name is `module:qualified.name`. The module only decides between classes of one name, because the module of a class
    changes: a script is `__main__` when it is run and has a name when it is resumed.
    """

    def __init__(self, classes: Iterable[type[Any]]) -> None:
        self._by_qualname: dict[str, list[type[Any]]] = {}
        for kind in classes:
            self._by_qualname.setdefault(kind.__qualname__, []).append(kind)
        self._names: dict[type[Any], str] = {}
        self._found: dict[str, type[Any]] = {}

    def name_of(self, kind: type[Any]) -> str:
        if kind not in self._names:
            self._names[kind] = self._findable_name(kind)
        return self._names[kind]

    def find(self, name: str) -> type[Any]:
        if name not in self._found:
            self._found[name] = self._only_one(name)
        return self._found[name]

    def _findable_name(self, kind: type[Any]) -> str:
        name = f"{kind.__module__}:{kind.__qualname__}"
        candidates = self._candidates(name)
        if candidates == [kind]:
            return name
        if kind in candidates:
            raise Refused("is of a class that shares its full name with another", f"rename one of them, or {REGISTER}")
        raise Refused(
            "is of a class that nothing allows to be rebuilt",
            f"name {kind.__qualname__} in the return annotation, or call register_codec({kind.__qualname__})",
        )

    def _only_one(self, name: str) -> type[Any]:
        candidates = self._candidates(name)
        if len(candidates) == 1:
            return candidates[0]
        raise Unreadable(
            f"{'more than one' if candidates else 'no'} class called {name} is allowed to be rebuilt",
            "name it in the return annotation, or call register_codec with it",
        )

    def _candidates(self, name: str) -> list[type[Any]]:
        module, _, qualname = name.partition(":")
        called_so = self._by_qualname.get(qualname, [])
        return [kind for kind in called_so if kind.__module__ == module] or called_so


@functools.lru_cache(maxsize=1024)
def catalog_of(named: frozenset[type[Any]], registered: frozenset[type[Any]]) -> Catalog:
    """Of two classes of one full name the named one is meant: the other was registered before a reload."""
    labels = set(map(label, named))
    return Catalog(named | {kind for kind in registered if label(kind) not in labels})
