"""What sessions and their peers are measured with: steps that give a dictionary of a kilobyte, and a gate that holds them up.

Imports nothing but the standard library, so that it runs beside any peer.
"""

import asyncio
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

ALONE = 100
FLOWS = 100
EACH = 20
BYTES = 1_024

began: list[float] = []


def _result(number: int) -> dict[str, Any]:
    chosen = random.Random(number)
    result = {"tool": f"tool_{number}", "ok": True, "score": round(chosen.random(), 6), "text": ""}
    missing = BYTES - len(json.dumps(result))
    result["text"] = chosen.randbytes(missing // 2).hex()
    return result


RESULTS = [_result(number) for number in range(64)]


def give(number: int) -> dict[str, Any]:
    """The work of a step."""
    began.append(time.perf_counter())
    return RESULTS[number % len(RESULTS)]


def p50_of_a_step() -> float:
    """From when one step of a flow began until the next one did. What began before is forgotten."""
    moments = began.copy()
    began.clear()
    return median_gap(moments)


def median_gap(moments: Sequence[float]) -> float:
    return statistics.median(later - earlier for earlier, later in pairwise(moments))


class Gate:
    """Holds up whoever comes, until it is opened."""

    def __init__(self) -> None:
        self.held = 0
        self._opened = asyncio.Event()
        self._came = asyncio.Condition()

    async def hold(self) -> None:
        await self.count()
        await self._opened.wait()

    async def count(self) -> None:
        """One more is held up, here or elsewhere."""
        async with self._came:
            self.held += 1
            self._came.notify_all()

    def open(self) -> None:
        self._opened.set()

    async def until_held(self, number: int) -> None:
        async with self._came:
            await self._came.wait_for(lambda: self.held >= number)


def resident_bytes() -> int:
    """Of this process, as the kernel counts them, so that what the allocator and SQLite hold is in it."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1_024
    raise RuntimeError("the kernel does not say how much memory is resident")


def durability_of(database: Path) -> str:
    """How the file is written, by the settings that a connection gets that asks for nothing."""
    with sqlite3.connect(database) as connection:
        journal, synchronous = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        )
    return f"SQLite, journal {journal}, synchronous {('OFF', 'NORMAL', 'FULL', 'EXTRA')[synchronous]}"
