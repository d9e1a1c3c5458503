"""What a store promises whose sessions can be copied elsewhere while they are used."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol, runtime_checkable

import msgspec


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """One copy. `made_ns` is when it was begun: it holds what was acknowledged by then, and nothing of later writes in part."""

    location: str
    made_ns: int
    size_bytes: int


@runtime_checkable
class KeepsBackups(Protocol):
    """Copies its sessions to a place of their own, beside work that goes on. Few are kept: the newest, and some that are older."""

    def back_up(self, to: str = "", *, at_most_every_seconds: float = 0) -> Future[Backup | None]:
        """A copy at the path `to`, else in the place of backups, where older ones then make room. It is there when it is whole and on disk,
        or not at all, also when the process is killed meanwhile.

        None, and nothing is done, when nothing was written since the newest copy, when that is younger than `at_most_every_seconds`, and
        when another process is making one; a path that is named is always copied to. Fails with `StoreError`, and then earlier copies stay
        as they are: when there is no room, or when what was copied is damaged.
        """

    def backups(self) -> Future[Sequence[Backup]]:
        """Those in the place of backups, the newest first."""
