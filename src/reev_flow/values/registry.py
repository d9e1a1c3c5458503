"""The types a program taught us to store, and the classes it allowed to be rebuilt."""

from collections.abc import Callable
from typing import Any, TypeVar

from reev_flow.values.codec import Codec
from reev_flow.values.reach import classes_in
from reev_flow.values.refusal import InvalidCodec, label
from reev_flow.values.standard import BUILT_IN

Kind = TypeVar("Kind", bound=type[Any])


class Codecs:
    """What was registered, by type and by name; a name means one type."""

    def __init__(self) -> None:
        self.by_kind: dict[type[Any], Codec] = {}
        self.by_name: dict[str, Codec] = {}
        self.classes: frozenset[type[Any]] = frozenset()

    def register(
        self,
        kind: Kind,
        *,
        encode: Callable[[Any], object] | None = None,
        decode: Callable[[Any], object] | None = None,
        name: str | None = None,
    ) -> Kind:
        """Teaches how to store one type; without functions, allows a class and those its fields name to be rebuilt anywhere.

        `encode` gives a simpler value, `decode` turns that back. The name is stored, so it must stay; it is the class's own unless
        given. Subclasses are not included. A reloaded class replaces the one it was.
        """
        if encode is None and decode is None:
            self._allow(classes_in(kind))
        elif encode is None or decode is None:
            raise InvalidCodec(name or kind.__qualname__, "needs both `encode` and `decode`, or neither")
        else:
            self._add(Codec(name=name or kind.__qualname__, kind=kind, encode=encode, decode=decode))
        return kind

    def _allow(self, classes: frozenset[type[Any]]) -> None:
        labels = set(map(label, classes))
        self.classes = classes | {former for former in self.classes if label(former) not in labels}

    def _add(self, codec: Codec) -> None:
        if codec.kind in BUILT_IN:
            raise InvalidCodec(codec.name, f"{label(codec.kind)} is stored without one")
        former = self.by_name.get(codec.name)
        if former is not None and label(former.kind) != label(codec.kind):
            raise InvalidCodec(codec.name, f"the name already means {label(former.kind)}; give another with `name=`")
        self.by_name[codec.name] = codec
        self.by_kind[codec.kind] = codec


DEFAULT = Codecs()
"""Used where no other codecs are given."""


def register_codec(
    kind: Kind,
    *,
    encode: Callable[[Any], object] | None = None,
    decode: Callable[[Any], object] | None = None,
    name: str | None = None,
) -> Kind:
    """Teaches sessions how to store one type; see `Codecs.register`. To be called where the type is made, before any session runs.

    `encode` gives a simpler value, `decode` turns that back, `name` is what is stored of the type and must stay. Without functions a class
    and those its fields name may be rebuilt anywhere. Raises `InvalidCodec`.
    """
    return DEFAULT.register(kind, encode=encode, decode=decode, name=name)
