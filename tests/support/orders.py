"""Flows for workers; tests copy this file into a folder of their own. What steps really did is in `tally.txt`, with their process."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.context import StepContext
from reev_flow.flows.plans.plan import DynamicStep

TALLY = Path("tally.txt")
OPEN = Path("open.txt")  # what takes for ever ends when this file is there


def count(what: str) -> None:
    with TALLY.open("a", encoding="utf-8") as tally:
        tally.write(f"{what} {os.getpid()}\n")


async def pack(what: str) -> str:
    count(f"pack {what}")
    while not OPEN.exists():
        await asyncio.sleep(0.02)
    return f"{what} packed"


async def send(what: str) -> str:
    count(f"send {what}")
    return f"{what} sent"


@flow(on_interrupt="rerun")
async def order(session: SessionHandle, what: str) -> list[str]:
    return [await session.step(pack, what), await session.step(send, what)]


@flow(on_interrupt="rerun")
async def order_if_wanted(session: SessionHandle, what: str) -> str:
    return str(await session.step(send, what)) if await session.ask("Send it?", schema=bool, key="go") else "kept"


def hold_up_the_loop() -> None:
    count("blocks")
    while not OPEN.exists():
        time.sleep(0.02)


async def block() -> None:
    hold_up_the_loop()


@flow(on_interrupt="rerun")
async def block_the_loop(session: SessionHandle) -> str:
    await session.step(block)
    return str(await session.step(send, "it"))


async def die() -> None:
    count("dies")
    if not OPEN.exists():
        os.kill(os.getpid(), signal.SIGKILL)


@flow(on_interrupt="rerun")
async def poisoned(session: SessionHandle) -> None:
    await session.step(die)


@flow(on_interrupt="rerun")
async def quits(session: SessionHandle) -> None:
    sys.exit(3)


@flow
async def misfit(session: SessionHandle) -> str:
    """Its first step is given something else each time."""
    await session.step(send, str(time.time_ns()), key="now", on_interrupt="rerun")
    return str(await session.step(pack, "it", on_interrupt="rerun"))


async def run_step(step: DynamicStep, context: StepContext) -> str:
    return await pack(step.step_id)
