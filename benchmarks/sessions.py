"""How long sessions take through the manager: steps, starts and ends, resuming; and how much memory they keep.

A step's time is from when it began until the next one did, so everything between two steps is in it: its journal entries, waiting until
they are durable, and the flow's own turn. The raw commit is one row of a result's bytes on a connection of its own. What a second's
worth of steps comes to depends on the disk more than on anything else, so the ratio is what counts.

Other tools are measured too when they are installed, here or in the environment that `--peers PATH` names: see session_peers.py.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from raw_commits import RawCommits
from reev_flow import SessionConfig, SessionManager
from reev_flow.flows.code import Flow
from session_flows import effects, gate, reruns, run_many, steps_and_a_held_one
from session_peers import peer_rows, python_of
from session_rows import Compared, Row, rows_of, tell_rows
from session_work import ALONE, BYTES, EACH, FLOWS, RESULTS, began, median_gap, p50_of_a_step

ROUNDS = 9
STARTS = 60
LONG = 1_000
RESUMED = 5
MOST_KB = 10
KB = 1_024
ROW = json.dumps(RESULTS[0]).encode()
TITLE = f"Sessions through the manager, SQLite, WAL, synchronous=FULL, results of {BYTES:,} bytes"
LOCKSTEP = f"{EACH} commits of {FLOWS} rows"


class Steps:
    """What is done with one open manager."""

    def __init__(self, manager: SessionManager) -> None:
        self.manager = manager

    async def effect(self) -> float:
        await self.manager.run(effects, ALONE)
        return p50_of_a_step()

    async def rerun(self) -> float:
        await self.manager.run(reruns, ALONE)
        return p50_of_a_step()

    async def start_and_end(self) -> float:
        """The insights that each end gives are not looked at."""
        moments = [time.perf_counter()]
        for _ in range(STARTS):
            await self.manager.end_flow(await self.manager.start_flow(effects))
            moments.append(time.perf_counter())
        return median_gap(moments)

    async def effects_per_second(self) -> float:
        return await self._per_second(effects)

    async def reruns_per_second(self) -> float:
        return await self._per_second(reruns)

    async def _per_second(self, one: Flow[..., Any]) -> float:
        began_at = time.perf_counter()
        await run_many(self.manager, one, FLOWS, EACH)
        took = time.perf_counter() - began_at
        began.clear()
        return FLOWS * EACH / took


def compared(raw: RawCommits, steps: Steps) -> list[Compared]:
    def lockstep() -> float:
        return raw.rows_per_second(EACH, FLOWS)

    at_once = f"{FLOWS} flows at once, {EACH} steps each,"
    return [
        Compared("a step of one flow, effect, p50", steps.effect, raw.p50, "1 raw commit", most_ratio=2.5),
        Compared("a step of one flow, rerun, p50", steps.rerun, raw.p50, "1 raw commit", most_ratio=1.5),
        Compared("start + end, p50", steps.start_and_end, raw.p50, "1 raw commit", most_ratio=3.0),
        Compared(f"{at_once} effect", steps.effects_per_second, lockstep, LOCKSTEP, least_rate=20_000),
        Compared(f"{at_once} rerun", steps.reruns_per_second, lockstep, LOCKSTEP, least_rate=30_000),
    ]


async def rows_with(folder: Path, raw: RawCommits, *, is_traced: bool) -> list[Row]:
    config = SessionConfig(otel_enabled=is_traced, max_concurrent=FLOWS)
    async with SessionManager(folder / f"traced-{is_traced}", config=config) as manager:
        steps = Steps(manager)
        for _ in range(5):  # as `RawCommits.warm_up`
            await steps.effects_per_second()
        return await rows_of(compared(raw, steps), ROUNDS)


async def resumed(folder: Path) -> Row:
    """Sessions that their worker left after so many steps; the journal and every result are read."""
    names = [f"long-{number}" for number in range(RESUMED)]
    await _leave_behind(folder / "long", names)
    gate.open()
    async with SessionManager(folder / "long", config=SessionConfig(otel_enabled=False)) as manager:
        left = iter(names)

        async def resume() -> float:
            began_at = time.perf_counter()
            await manager.resume(next(left), steps_and_a_held_one)
            return time.perf_counter() - began_at

        compare = Compared(f"resume after {LONG:,} steps", resume, _reading(folder), f"reading {LONG:,} raw rows")
        return (await rows_of([compare], RESUMED))[0]


async def _leave_behind(folder: Path, names: list[str]) -> None:
    async with SessionManager(folder, config=SessionConfig(otel_enabled=False)) as manager:
        tasks = [asyncio.create_task(manager.run(steps_and_a_held_one, LONG, session_id=name)) for name in names]
        await gate.until_held(len(names))
    await asyncio.gather(*tasks, return_exceptions=True)
    began.clear()


def _reading(folder: Path) -> Callable[[], float]:
    (folder / "read").mkdir()
    raw = RawCommits(folder / "read", ROW)
    raw.commit(1, LONG)

    def read() -> float:
        began_at = time.perf_counter()
        for (row,) in raw.connection.execute("SELECT entry FROM entries"):
            json.loads(row)
        return time.perf_counter() - began_at

    return read


def memory_rows(folder: Path) -> list[Row]:
    return [_memory(what, folder) for what in ("step", "question")]


def _memory(what: str, folder: Path) -> Row:
    script = str(Path(__file__).with_name("session_memory.py"))
    command = [sys.executable, script, what, str(folder / f"held-in-a-{what}")]
    kb = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / KB
    budget = f"{MOST_KB} KB{'' if kb <= MOST_KB else ' !'}"
    return Row(f"memory of a session in a {what}", f"{kb:.1f} KB", budget=budget, floor_is="resident, traced")


def main() -> None:
    peers = argparse.ArgumentParser(description=__doc__)
    peers.add_argument("--peers", type=Path, help="a Python environment that has DBOS, LangGraph or Burr")
    python = python_of(peers.parse_args().peers)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = RawCommits(folder, ROW)
        raw.warm_up()
        for is_traced in (False, True):
            rows = asyncio.run(rows_with(folder, raw, is_traced=is_traced))
            tell_rows(f"{TITLE}, tracing {'on' if is_traced else 'off'}", rows)
        tell_rows("Sessions, resuming and memory", [asyncio.run(resumed(folder)), *memory_rows(folder)])
        tell_rows("Peers, each beside raw commits of the same minute", peer_rows(python, folder, raw))


if __name__ == "__main__":
    main()
