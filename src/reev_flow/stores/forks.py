"""What survives a fork: stores that are open put their connections away before it, and take them up again on both sides."""

import atexit
import os
from typing import Protocol


class Forkable(Protocol):
    """An open store."""

    def hold(self) -> None:
        """Nothing is under way and no connection is open until `let_go`. SQLite's locks belong to a process and its memory of them
        does not: a connection that is open while the process forks would make the child believe in locks it does not have.
        """

    def let_go(self) -> None:
        """Go on: this is the parent."""

    def start_over(self) -> None:
        """Go on: this is the child. Threads and what they were about to do stayed with the parent."""

    def close(self) -> None:
        """The process ends."""


_open: set[Forkable] = set()
_held: list[Forkable] = []


def keep(store: Forkable) -> None:
    """From now on forks wait for it, and the end of the process closes it."""
    _open.add(store)


def forget(store: Forkable) -> None:
    _open.discard(store)


def _before() -> None:
    for store in tuple(_open):
        store.hold()
        _held.append(store)


def _in_parent() -> None:
    while _held:
        _held.pop().let_go()


def _in_child() -> None:
    while _held:
        _held.pop().start_over()


def _at_exit() -> None:
    for store in tuple(_open):
        store.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
atexit.register(_at_exit)
