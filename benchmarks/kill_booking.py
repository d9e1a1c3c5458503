"""The trip that every tool books in kill_points.py: what its steps do outside, and the points around what they do."""

import ctypes
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

OFFERS = {"flight": 240, "hotel": 360}
SESSION_ID = "trip"


class Busy(Exception):
    """The bank did nothing, and may be asked again."""


class Outside:
    """Airlines, hotels and the bank: a file in that folder, forced to disk with every line.

    With `honours_keys` they do only once what is asked with the same key, as services with idempotency keys do.
    """

    def __init__(self, folder: Path, *, honours_keys: bool) -> None:
        self._honours_keys = honours_keys
        self._ledger = folder / "ledger"
        self._refused = folder / "refused"
        self._pass_point: Callable[[], object] = ctypes.CDLL(None).pass_point

    def search(self, what: str) -> int:
        return OFFERS[what]

    def hold(self, what: str, key: str) -> str:
        return self._do(f"hold {what}", key)

    def pay(self, euros: int, key: str) -> str:
        """Refused the first time."""
        if not self._refused.exists():
            self._refused.touch()
            raise Busy
        return self._do(f"pay {euros}", key)

    def confirm(self, held: str, key: str) -> str:
        return self._do(f"confirm {held}", key)

    def done(self) -> list[tuple[str, str]]:
        """What was done, each with the key that it was asked with."""
        lines = self._ledger.read_text(encoding="utf-8").splitlines() if self._ledger.exists() else []
        return [(what, key) for key, _, what in (line.partition("\t") for line in lines)]

    def _do(self, what: str, key: str) -> str:
        self._pass_point()
        if self._honours_keys and key in {known for _, known in self.done()}:
            return f"{what}: done"
        file = os.open(self._ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(file, f"{key}\t{what}\n".encode())
        os.fsync(file)
        os.close(file)
        self._pass_point()
        return f"{what}: done"


def keep_result(folder: Path, result: Any) -> None:
    (folder / "result").write_text(json.dumps(result), encoding="utf-8")
