"""The trip as a flow of this package: run by kill_points.py. Steps in doubt are answered by somebody who looks into the ledger."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from kill_booking import OFFERS, SESSION_ID, Busy, Outside, keep_result
from kill_rounds import report
from reev_flow import Retry, SessionConfig, SessionHandle, SessionManager, flow
from reev_flow.chaos.ledger import Happening
from reev_flow.chaos.person import Person
from reev_flow.clock import SystemClock
from reev_flow.flows.code import Flow
from reev_flow.sessions.identity import idempotency_key

PLACES = {"hold flight": "hold#1", "hold hotel": "hold#2", "pay 600": "pay#1"}
PLACES |= {f"confirm hold {what}: done": f"confirm#{number}" for number, what in enumerate(OFFERS, 1)}


class Books:
    """What the outside says, by the keys of the steps."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def read(self) -> list[Happening]:
        done = self._outside.done()
        return [Happening(what, idempotency_key(SESSION_ID, PLACES[what]), f"{what}: done") for what in done]


def trip_with(outside: Outside) -> Flow[Any, Any]:
    @flow
    async def trip(session: SessionHandle) -> list[str]:
        prices = await session.gather(*(session.step(outside.search, what, on_interrupt="rerun") for what in OFFERS))
        held = await session.gather(*(session.step(outside.hold, what) for what in OFFERS))
        retry = Retry(attempts=4, wait_seconds=0.01, on=(Busy,))
        payment = await session.step(outside.pay, sum(prices), retry=retry)
        confirmed = await session.gather(*(session.step(outside.confirm, one) for one in held))
        return [payment, *confirmed]

    return trip


async def _book(folder: Path) -> None:
    outside = Outside(folder)
    async with SessionManager(folder / "store", config=SessionConfig(poll_seconds=0.01)) as manager:
        person = Person(manager.store, SystemClock(), Books(outside), {})
        attending = asyncio.create_task(person.attend(SESSION_ID))
        keep_result(folder, await manager.run(trip_with(outside), session_id=SESSION_ID))
        attending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await attending


def book(folder: Path) -> None:
    asyncio.run(_book(folder))


if __name__ == "__main__":
    report(Path(sys.argv[1]), json.loads(sys.argv[2]), book)
