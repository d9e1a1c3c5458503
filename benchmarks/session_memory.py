"""How much memory a session takes that is held up: in a step, or by a question. Prints the bytes of one.

Run in a process of its own by sessions.py. Measured is what is resident: how much more with 3,000 sessions than with 1,000, each of them
run by the manager (so with its two tasks, its handle and its part in the store) and traced.
"""

import asyncio
import gc
import os
import sys
from pathlib import Path
from typing import Any

from reev_flow import SessionConfig, SessionManager
from session_flows import a_question, gate, steps_and_a_held_one
from session_work import resident_bytes

FEWER, MORE = 1_000, 3_000
BEFORE = 2  # steps that are finished
SETTLED_SECONDS = 2.0


async def main(what: str, folder: Path) -> None:
    async with SessionManager(folder, config=SessionConfig(max_concurrent=2 * MORE)) as manager:
        counts = []
        for number in (FEWER, MORE):
            await hold(manager, what, number)
            gc.collect()
            counts.append(resident_bytes())
        sys.stdout.write(f"{(counts[1] - counts[0]) / (MORE - FEWER)}\n")
        sys.stdout.flush()
        os._exit(0)  # what is held is not to be ended one by one


async def hold(manager: SessionManager, what: str, number: int) -> None:
    """Some at a time, so that what it takes to begin them does not count."""
    while gate.held < number:
        for _ in range(50):
            tasks.add(asyncio.create_task(_run(manager, what)))
        await gate.until_held(len(tasks))
    await asyncio.sleep(SETTLED_SECONDS)


async def _run(manager: SessionManager, what: str) -> Any:
    if what == "question":
        return await manager.run(a_question)
    return await manager.run(steps_and_a_held_one, BEFORE)


tasks: set[asyncio.Task[Any]] = set()

if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
