"""Flows as users write them, for the command to run; tests copy this file into a folder of their own.

A step that is to be caught in the middle says so on standard output, and then does not end by itself.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.context import StepContext
from reev_flow.flows.plans.plan import DynamicStep

TALLY = Path("tally.txt")
OPEN = Path("open.txt")  # the shop answers when this file is there


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def count(what: str) -> None:
    with TALLY.open("a", encoding="utf-8") as tally:
        tally.write(f"{what}\n")


async def quote(amount: float) -> float:
    count("quote")
    return amount * 2


async def pay(price: float) -> str:
    count("pay")
    say("paying")
    if not OPEN.exists():
        await asyncio.Event().wait()
    return f"paid {price:g}"


@flow
async def greet(session: SessionHandle, name: str, times: int = 1) -> str:
    await session.step(quote, times, on_interrupt="rerun")
    return " ".join([f"hello {name}"] * times)


@flow
async def buy(session: SessionHandle, amount: float) -> dict[str, str]:
    price = await session.step(quote, amount, on_interrupt="rerun")
    return {"receipt": await session.step(pay, price)}


async def pay_slowly() -> None:
    count("pay")
    say("paying")
    await asyncio.sleep(0.3)


async def thank() -> str:
    count("thank")
    return "thanks"


@flow
async def buy_slowly(session: SessionHandle) -> str:
    await session.step(pay_slowly)
    return str(await session.step(thank))


@flow
async def approve(session: SessionHandle, amount: float) -> str:
    await session.step(quote, amount, on_interrupt="rerun")
    return "bought" if await session.ask(f"Spend {amount:g}?", schema=bool, key="spend") else "left"


@flow
async def choose(session: SessionHandle) -> list[Any]:
    """Asks two things at once."""
    return list(await asyncio.gather(session.ask("Which colour?", key="colour"), session.ask("How many?", key="count")))


@flow
async def ask_too_late(session: SessionHandle) -> bool:
    return bool(await session.ask("Now?", deadline=0))


@flow
async def give_up(session: SessionHandle) -> None:
    raise asyncio.CancelledError


@flow
async def fail(session: SessionHandle) -> None:
    raise ValueError("no\nluck \x1b[2J")


@flow
async def talk(session: SessionHandle) -> str:
    say("this is no JSON")
    return "done"


async def quit_program() -> NoReturn:
    sys.exit(0)


@flow
async def leave(session: SessionHandle) -> None:
    await session.step(quit_program)


def sleep_in_a_thread() -> None:
    say("paying")
    time.sleep(3_600)


async def block_the_loop() -> None:
    sleep_in_a_thread()


async def ignore_being_cancelled() -> None:
    say("paying")
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


@flow
async def stick_in_a_thread(session: SessionHandle) -> None:
    await session.step(sleep_in_a_thread)


@flow
async def stick_in_the_loop(session: SessionHandle) -> None:
    await session.step(block_the_loop)


@flow
async def stick_by_will(session: SessionHandle) -> None:
    await session.step(ignore_being_cancelled)


async def run_step(step: DynamicStep, context: StepContext) -> str:
    count(step.step_id)
    if step.step_id.startswith("fail"):
        raise ValueError("no luck")
    if step.step_id.startswith("wait"):
        return await pay(1)
    if step.required_tools:
        return str(context.tools[step.required_tools[0]](context.prompt))
    return context.prompt


NOT_CALLABLE = 3
TOOLS = {"shout": str.upper}
