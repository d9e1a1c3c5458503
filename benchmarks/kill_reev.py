"""The trip as a flow of this package: run by kill_points.py.

Where the outside honours idempotency keys, steps say that they may be run again; else those in doubt are asked about, and somebody who looks
into the ledger answers.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from kill_booking import OFFERS, SESSION_ID, Busy, Outside, keep_result
from kill_rounds import report
from reev_flow import Retry, SessionConfig, SessionHandle, SessionManager, current_step, flow
from reev_flow.chaos.ledger import Happening
from reev_flow.chaos.person import Person
from reev_flow.clock import SystemClock
from reev_flow.flows.code import Flow
from reev_flow.flows.effects import OnInterrupt


class Books:
    """What the outside says, by the keys of the steps."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def read(self) -> list[Happening]:
        done = self._outside.done()
        return [Happening(what, key, f"{what}: done") for what, key in done]


def trip_with(outside: Outside, on_interrupt: OnInterrupt) -> Flow[Any, Any]:
    def hold(what: str) -> str:
        return outside.hold(what, current_step().idempotency_key)

    def pay(euros: int) -> str:
        return outside.pay(euros, current_step().idempotency_key)

    def confirm(held: str) -> str:
        return outside.confirm(held, current_step().idempotency_key)

    @flow(on_interrupt=on_interrupt)
    async def trip(session: SessionHandle) -> list[str]:
        prices = await session.gather(*(session.step(outside.search, what, on_interrupt="rerun") for what in OFFERS))
        held = await session.gather(*(session.step(hold, what) for what in OFFERS))
        retry = Retry(attempts=4, wait_seconds=0.01, on=(Busy,))
        payment = await session.step(pay, sum(prices), retry=retry)
        confirmed = await session.gather(*(session.step(confirm, one) for one in held))
        return [payment, *confirmed]

    return trip


async def _book(folder: Path, *, honours_keys: bool) -> None:
    outside = Outside(folder, honours_keys=honours_keys)
    trip = trip_with(outside, "rerun" if honours_keys else "ask")
    async with SessionManager(folder / "store", config=SessionConfig(poll_seconds=0.01)) as manager:
        person = Person(manager.store, SystemClock(), Books(outside), {})
        attending = asyncio.create_task(person.attend(SESSION_ID))
        keep_result(folder, await manager.run(trip, session_id=SESSION_ID))
        attending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await attending


def book(folder: Path, *, honours_keys: bool) -> None:
    asyncio.run(_book(folder, honours_keys=honours_keys))


if __name__ == "__main__":
    report(book)
