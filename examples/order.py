"""An order that survives a crash: quoted, asked about when it is dear, paid once, shipped.

    python examples/order.py 7 bike 900

Type the same again after a crash, and it goes on; after a question, answer it first:

    reev-flow sessions answer order-7 true
"""

import asyncio
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from reev_flow import Retry, SessionHandle, SessionManager, SessionWaiting, flow

LEDGER = Path("logs/payments.txt")  # stands for a bank that takes a payment with a known key once
ASK_FROM = Decimal(500)


@dataclass(frozen=True)
class Quote:
    """What an item costs, tax included."""

    item: str
    euros: Decimal


@dataclass(frozen=True)
class Receipt:
    """What the customer is told."""

    item: str
    payment: str
    parcel: str


def quote(item: str, euros: int) -> Quote:
    return Quote(item, Decimal(euros) * Decimal("1.19"))


def take(key: str, quoted: Quote) -> str:
    LEDGER.parent.mkdir(exist_ok=True)
    known = LEDGER.read_text(encoding="utf-8") if LEDGER.exists() else ""
    if key not in known:
        LEDGER.write_text(f"{known}{key} {quoted.euros} euros for {quoted.item}\n", encoding="utf-8")
    return key


def ship(item: str) -> str:
    return f"{item} is on its way"


@flow
async def order(session: SessionHandle, item: str, euros: int) -> Receipt | None:
    async def pay(quoted: Quote) -> str:
        return await asyncio.to_thread(take, session.idempotency_key, quoted)

    quoted = await session.step(quote, item, euros, on_interrupt="rerun")
    if quoted.euros >= ASK_FROM and not await session.ask(f"{item} for {quoted.euros} euros?", schema=bool):
        return None
    payment = await session.step(pay, quoted, on_interrupt="rerun", retry=Retry(attempts=3, wait_seconds=0.1))
    return Receipt(item, payment, await session.step(ship, item))


async def main(number: str, item: str, euros: str) -> None:
    async with SessionManager() as manager:
        try:
            print(await manager.run(order, item, int(euros), session_id=f"order-{number}", wait=False))
        except SessionWaiting as waiting:
            print(waiting)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
