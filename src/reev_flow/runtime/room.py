"""Has stores give the disk back what they forgot, part after part."""

from concurrent.futures import Future
from typing import Protocol


class GivesBack(Protocol):
    """A store of sessions, or of traces."""

    def give_back(self) -> Future[int]:
        """A part of it; how many bytes are left."""


def give_back_all(store: GivesBack) -> None:
    """Until nothing is left, or nothing can be given back now. Waits for the store."""
    left, before = store.give_back().result(), -1
    while left and left != before:
        left, before = store.give_back().result(), left


def ask_to_give_back(store: GivesBack, before: int = -1) -> None:
    """The same without waiting: each part is asked for when the one before is done. What fails is left for another time."""

    def ask_for_more(done: Future[int]) -> None:
        if done.exception() is None and done.result() not in {0, before}:
            ask_to_give_back(store, done.result())

    store.give_back().add_done_callback(ask_for_more)
