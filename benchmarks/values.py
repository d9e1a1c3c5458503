"""How long user values take to be stored and read back, a thousand at a time, beside JSON that checks nothing."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from measure import Figure, beside_floor, tell
from reev_flow.values.digest import digest
from reev_flow.values.tagged import decode, encode

TIMES = 1_000
ROUNDS = 41


class Status(enum.StrEnum):
    CONFIRMED = "confirmed"


@dataclasses.dataclass
class Line:
    sku: str
    title: str
    count: int
    price: Decimal


@dataclasses.dataclass
class Order:
    id: str
    status: Status
    at: dt.datetime
    lines: list[Line]
    note: str


MANY_SMALL_ITEMS = {
    "order_id": "ord_01J8ZK3V9Q", "status": "confirmed", "currency": "EUR", "total": 129.95, "paid": True, "discount": None, "version": 7,
    "customer": {"id": 48213, "name": "Marlene Osei", "email": "marlene.osei@example.org", "city": "Zürich", "vip": False},
    "items": [
        {"sku": f"TR-{number}", "title": "Trail running shoes, size 42", "quantity": number, "price": 89.95} for number in range(3)
    ],
    "tags": ["web", "first-order", "gift"],
    "note": "Please leave the parcel with the neighbour on the second floor if nobody answers the door; the bell is broken. " * 5,
    "shipping": {"carrier": "post", "service": "eco", "tracking": None, "eta_days": 3, "steps": ["packed", "handed over"]},
}  # fmt: skip
MOSTLY_TEXT = {
    "role": "assistant",
    "content": "The quick answer is that the parcel left on Tuesday. " * 21,
    "usage": {"input": 812, "output": 96},
}
LINES = [Line(f"TR-{number}", "Trail running shoes, size 42", number, Decimal("89.95")) for number in range(5)]
INSTANCES = Order("ord_01J8ZK3V9Q", Status.CONFIRMED, dt.datetime(2026, 1, 2, tzinfo=dt.UTC), LINES, "as above " * 60)

write_json = msgspec.json.Encoder().encode
read_json = msgspec.json.Decoder().decode


def repeat(work: Callable[[], object]) -> None:
    for _ in range(TIMES):
        work()


def figures(what: str, value: Any, *budgets: float | None) -> list[Figure]:
    stored = encode(value, annotation=type(value))
    text = write_json(value)
    works = (
        ("stored", lambda: encode(value, annotation=type(value)), lambda: write_json(value)),
        ("read back", lambda: decode(stored, annotation=type(value)), lambda: read_json(text)),
        ("digest", lambda: digest(value), lambda: write_json(value)),
    )
    return [
        Figure(
            f"{what}, {len(stored):,} bytes, {verb}",
            *beside_floor(_many(work), _many(floor), rounds=ROUNDS),
            "msgspec",
            budget,
        )
        for (verb, work, floor), budget in zip(works, budgets, strict=True)
    ]


def _many(work: Callable[[], object]) -> Callable[[], None]:
    return lambda: repeat(work)


def main() -> None:
    tell(
        f"User values ({TIMES:,} times)",
        [
            *figures("mostly text", MOSTLY_TEXT, 0.003, 0.004, None),
            *figures("many small items", MANY_SMALL_ITEMS, 0.003, 0.004, None),
            *figures("instances of classes", INSTANCES, None, None, None),
        ],
    )


if __name__ == "__main__":
    main()
