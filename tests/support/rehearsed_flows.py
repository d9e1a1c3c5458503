"""Flows for chaos to judge: one that is right, and others that are wrong in one way each."""

import asyncio
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reev_flow import Happened, InvalidStep, NotHappened, Retry, SessionHandle, current_step, flow

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


async def look_with_a_tool(session: SessionHandle, what: str) -> str:
    assert session.tracer is not None
    with session.tracer.operation("tool", "glasses", arguments={"what": what}):
        return what


@flow
async def uses_a_tool(session: SessionHandle) -> str:
    """And goes on for longer than a worker keeps the spans of its tools to itself."""

    async def use(what: str) -> str:
        return await look_with_a_tool(session, what)

    await session.step(use, "first", on_interrupt="rerun")
    await session.step(asyncio.sleep, 0.35, name="rest", on_interrupt="rerun")
    await session.step(look, "between", on_interrupt="rerun")
    return str(await session.step(use, "last", on_interrupt="rerun"))


@flow
async def calls_in_any_order(session: SessionHandle) -> None:
    for name in random.sample(["one", "two", "three", "four"], 4):
        await session.step(look, name, name=name, on_interrupt="rerun")


async def look_slowly(what: str) -> str:
    await asyncio.sleep(0.002)
    return what


@flow
async def goes_on_with_whoever_is_first(session: SessionHandle) -> str:
    steps = {name: asyncio.ensure_future(session.step(look_slowly, name, key=name)) for name in ("left", "right")}
    await asyncio.wait(steps.values(), return_when=asyncio.FIRST_COMPLETED)
    first = next(name for name, step in steps.items() if step.done())
    await asyncio.wait(steps.values())
    return str(await session.step(look, first, name=first))


@flow
async def gives_up(session: SessionHandle) -> None:
    def fail() -> None:
        raise ValueError("never")

    retry = Retry(attempts=3, wait_seconds=0.005)
    await session.step(fail, on_interrupt="rerun", retry=retry)


def pay_slowly(what: str) -> str:
    time.sleep(0.25)  # in a thread, which nobody can cancel; longer than workers take to begin on a busy machine
    return pay(what)


@flow
async def pays_slowly(session: SessionHandle) -> str:
    return str(await session.step(pay_slowly, "rent"))
