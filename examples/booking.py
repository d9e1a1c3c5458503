"""A trip that is booked once, whatever happens to the process: searched, held, asked about, paid, confirmed.

    python examples/booking.py 7 Lisbon 3

Type the same again after a crash, and it goes on; after the question, answer it first:

    reev-flow sessions answer trip-7 true

What airlines, hotels and banks would remember is a file, forced to disk with every line. To see the trip being killed at every write to
its store and at every edge of its steps, in folders of its own:

    reev-flow chaos --app examples.booking:book --kill-points all --workers 2
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from reev_flow import Retry, SessionHandle, SessionManager, SessionWaiting, current_step, flow

FOLDER = Path("logs")
PRICES = {"flight": (240, 310), "hotel": (95, 120)}


class Busy(Exception):
    """The other side did nothing, and may be asked again."""


class SoldOut(Exception):
    """Somebody was quicker."""


@dataclass(frozen=True)
class Offer:
    """Something that can be booked."""

    what: str
    name: str
    euros: int


@dataclass(frozen=True)
class Trip:
    """What the traveller is told."""

    confirmations: list[str]
    payment: str
    euros: int


def remembered() -> list[dict[str, str]]:
    """What the outside world remembers, oldest first. A line that a crash cut off was never there."""
    ledger = FOLDER / "booking.jsonl"
    lines = ledger.read_text(encoding="utf-8").splitlines(keepends=True) if ledger.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def do(what: str, result: str) -> str:
    """Something outside of this program that cannot be taken back. The other side notes the key of whoever asked."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"what": what, "key": current_step().idempotency_key, "result": result}) + "\n"
    file = os.open(FOLDER / "booking.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, line.encode())
        os.fsync(file)
    finally:
        os.close(file)
    return result


def search(what: str, city: str) -> list[Offer]:
    return [Offer(what, f"{what} {number} to {city}", euros) for number, euros in enumerate(PRICES[what], 1)]


def hold(offer: Offer) -> str:
    if offer.name.startswith("hotel 1"):
        raise SoldOut(offer.name)
    return do(f"hold {offer.name}", f"hold-{offer.what}")


def release(held: str) -> str:
    return do(f"release {held}", held)


def pay(euros: int) -> str:
    if not any(line["what"] == "decline" for line in remembered()):
        do("decline", "")
        raise Busy("the bank asks for a moment")
    return do(f"pay {euros} euros", f"payment of {euros} euros")


async def confirm(held: str) -> str:
    await asyncio.sleep(0.001)
    return do(f"confirm {held}", f"{held} confirmed")


@flow
async def book(session: SessionHandle, city: str = "Lisbon", nights: int = 3) -> Trip | None:
    def searched(what: str) -> list[Offer]:
        """With a span of its own, as a model or an instrumented client would make one."""
        with session.tracer.operation("tool", "search", arguments={"what": what}) if session.tracer else nullcontext():
            return search(what, city)

    async def secure(what: str) -> tuple[str, int]:
        """The first offer that is still to be had."""
        for offer in await session.step(searched, what, name="search", on_interrupt="rerun"):
            try:
                return await session.step(hold, offer), offer.euros
            except SoldOut:
                continue
        raise SoldOut(what)

    (flight, fare), (hotel, rate) = await session.gather(secure("flight"), secure("hotel"))
    euros = fare + nights * rate
    if not await session.ask(f"{nights} nights in {city} for {euros} euros?", schema=bool):
        await session.gather(session.step(release, flight), session.step(release, hotel))
        return None
    payment = await session.step(pay, euros, retry=Retry(attempts=3, wait_seconds=0.01, on=(Busy,)))
    confirmations = await session.gather(session.step(confirm, flight), session.step(confirm, hotel))
    return Trip(confirmations, payment, euros)


def chaos_ledger(folder: Path) -> Callable[[], list[tuple[str, str, str]]]:
    """For `reev-flow chaos`: the outside world is in that folder from now on, and this tells what happened there."""
    global FOLDER  # noqa: PLW0603 - there is one outside world
    FOLDER = folder
    return lambda: [(line["what"], line["key"], line["result"]) for line in remembered() if line["what"] != "decline"]


async def main(number: str, city: str, nights: str) -> None:
    async with SessionManager() as manager:
        try:
            print(await manager.run(book, city, int(nights), session_id=f"trip-{number}", wait=False))
        except SessionWaiting as waiting:
            print(waiting)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
