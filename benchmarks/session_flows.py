"""The flows that sessions are measured with."""

import asyncio
from typing import Any

from reev_flow import SessionHandle, flow
from session_work import Gate, give

gate = Gate()


async def step(number: int) -> dict[str, Any]:
    return give(number)


@flow
async def effects(session: SessionHandle, steps: int) -> None:
    for number in range(steps):
        await session.step(step, number)


@flow(on_interrupt="rerun")
async def reruns(session: SessionHandle, steps: int) -> None:
    for number in range(steps):
        await session.step(step, number)


@flow(on_interrupt="rerun")
async def steps_and_a_held_one(session: SessionHandle, steps: int) -> None:
    for number in range(steps):
        await session.step(step, number)
    await session.step(gate.hold)


@flow
async def a_question(session: SessionHandle) -> None:
    await gate.count()
    await session.ask("Go on?", schema=bool)


async def run_many(manager: Any, of: Any, number: int, *arguments: Any) -> None:
    await asyncio.gather(*(manager.run(of, *arguments) for _ in range(number)))
