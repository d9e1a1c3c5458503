"""Work in memory that is done when its future is given, one thing at a time."""

from collections.abc import Callable
from threading import Lock
from typing import ParamSpec, TypeVar

from reev_flow.errors import ReevFlowError, StoreError
from reev_flow.sessions.acknowledgement import Acknowledgement, wake_loops

T = TypeVar("T")
P = ParamSpec("P")


class AtOnce:
    """Does it in the caller's thread. Whatever goes wrong comes with the future."""

    def __init__(self, location: str) -> None:
        self.location = location
        self._lock = Lock()
        self._is_closed = False

    def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Acknowledgement[T]:
        acknowledgement = Acknowledgement[T]()
        result, error = None, None
        try:
            with self._lock:
                if self._is_closed:
                    raise StoreError(self.location, "the store is closed", "open it again")  # noqa: TRY301 - one place for errors
                result = work(*args, **kwargs)
        except ReevFlowError as refusal:
            error = refusal
        except Exception as broken:  # noqa: BLE001 - a value no store could keep; every failure is one of ours
            error = StoreError(self.location, f"cannot be done: {broken!r}", "correct what was asked for")
            error.__cause__ = broken
        wake_loops(acknowledgement.settle(result, error))
        return acknowledgement

    def close(self) -> None:
        self._is_closed = True
