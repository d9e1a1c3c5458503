"""How many bytes of bodies the server has in its hands, and that they do not become too many."""

from types import TracebackType
from typing import Self

from reev_flow.server.refusals import unavailable


class Held:
    """All bodies together. Used by one thread."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.now_bytes = 0

    def hold(self) -> "Hold":
        return Hold(self)


class Hold:
    """What one request holds, until its block is left."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._held.now_bytes -= self._bytes
        self._bytes = 0

    def add(self, count_bytes: int) -> None:
        """Raises `Refused` when there would be too much of it."""
        if self._held.now_bytes + count_bytes > self._held.most_bytes:
            raise unavailable("more is coming in than can be held")
        self._held.now_bytes += count_bytes
        self._bytes += count_bytes
