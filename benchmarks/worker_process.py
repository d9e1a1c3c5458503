"""One process beside others on a store, for workers.py: `leave FOLDER SESSIONS` begins so many and is killed in the middle of all of them,
`work FOLDER` waits until it may begin, and takes up what it finds. What it did is printed as JSON.
"""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from reev_flow import SessionConfig, SessionHandle, SessionManager, flow
from reev_flow.runtime.worker_news import WorkerNews
from session_work import Gate, give

BEFORE, AFTER = 10, 5  # steps of each session before it is left, and when it is gone on with
CONCURRENT = 100
UNTRACED: dict[str, Any] = {"otel_enabled": False}

gate = Gate()


async def step(number: int) -> dict[str, Any]:
    return give(number)


def is_opened() -> bool:
    return Path(os.environ["OPENED"]).exists()


async def held() -> None:
    if not is_opened():
        await gate.hold()


@flow(on_interrupt="rerun")
async def left(session: SessionHandle) -> None:
    for number in range(BEFORE):
        await session.step(step, number)
    await session.step(held)
    for number in range(AFTER):
        await session.step(step, number)


async def leave(folder: Path, number: int) -> None:
    config = SessionConfig(max_concurrent=number, **UNTRACED)
    async with SessionManager(folder, config=config) as manager:
        tasks = [asyncio.create_task(manager.run(left)) for _ in range(number)]
        await gate.until_held(number)
        os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.gather(*tasks)


async def work(folder: Path) -> None:
    ended: list[float] = []

    def hear(news: WorkerNews) -> None:
        if news.what == "ended":
            ended.append(time.time())

    async with SessionManager(folder, config=SessionConfig(**UNTRACED)) as manager:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        before = time.process_time()
        await manager.worker(left, concurrent=CONCURRENT, tell=hear).work_off()
        processor_seconds = time.process_time() - before
    sys.stdout.write(json.dumps({"ended": ended, "processor_seconds": processor_seconds}) + "\n")


if __name__ == "__main__":
    what, where, *more = sys.argv[1:]
    asyncio.run(leave(Path(where), *map(int, more)) if what == "leave" else work(Path(where)))
