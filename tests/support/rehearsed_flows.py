"""Flows for chaos to judge: one that is right, and others that are wrong in one way each."""

import asyncio
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reev_flow import Happened, InvalidStep, NotHappened, SessionHandle, current_step, flow

LEDGER = Path("outside.jsonl")


def chaos_ledger(folder: Path) -> Callable[[], list[tuple[str, str, str]]]:
    global LEDGER  # noqa: PLW0603 - there is one outside world
    LEDGER = folder / "outside.jsonl"
    return lambda: [tuple(line) for line in map(json.loads, _lines())]


def _lines() -> list[str]:
    return LEDGER.read_text(encoding="utf-8").splitlines() if LEDGER.exists() else []


def pay(what: str) -> str:
    try:
        key = current_step().idempotency_key
    except InvalidStep:
        key = ""
    with LEDGER.open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps([what, key, f"paid {what}"]) + "\n")
        ledger.flush()
        os.fsync(ledger.fileno())
    return f"paid {what}"


async def look(what: str) -> str:
    await asyncio.sleep(0)
    return what


@flow
async def right(session: SessionHandle) -> list[str]:
    return await session.gather(session.step(pay, "rent"), session.step(pay, "power"))


@flow
def right_without_async(session: Any) -> list[str]:
    session.step(look, "around", on_interrupt="rerun")
    return [session.step(pay, "rent"), right_inside(session)]


@flow
def right_inside(session: Any) -> str:
    return str(session.step(pay, "power"))


def has_paid(what: str) -> Happened | NotHappened:
    return Happened(f"paid {what}") if any(what in line for line in _lines()) else NotHappened()


@flow
async def looks_whether_it_paid(session: SessionHandle) -> str:
    return str(await session.step(pay, "rent", on_interrupt=has_paid))


def draw() -> str:
    return os.urandom(8).hex()


@flow
async def draws(session: SessionHandle) -> str:
    return str(await session.step(pay, await session.step(draw, on_interrupt="rerun")))


@flow
async def fails(session: SessionHandle) -> None:
    await session.step(pay, "rent")
    raise ValueError("no house")


@flow
async def pays_outside_of_steps(session: SessionHandle) -> str:
    pay("rent")
    return str(await session.step(look, "rent", on_interrupt="rerun"))


@flow
async def pays_in_a_step_that_may_rerun(session: SessionHandle) -> str:
    return str(await session.step(pay, "rent", on_interrupt="rerun"))


@flow
async def goes_on_by_chance(session: SessionHandle) -> str:
    name = "left" if random.random() < 0.5 else "right"
    return str(await session.step(look, "way", name=name, on_interrupt="rerun"))


@flow
async def remembers_in_memory(session: SessionHandle) -> int:
    """The second step is only taken by the process that took the first one."""
    taken: list[str] = []

    async def first() -> None:
        taken.append("first")

    await session.step(first)
    if taken:
        await session.step(look, "second", on_interrupt="rerun")
    return len(taken)


@flow
async def asks(session: SessionHandle) -> str:
    size = await session.ask("Which size?", schema={"type": "string"}, name="size")
    return str(await session.step(pay, size))
