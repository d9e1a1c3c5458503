"""The flow that the readme shows does what the readme says."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from reev_flow import SessionManager

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that the code defines; what it leaves out counts what it was asked for."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (code,) = [block for block in blocks if "@flow" in block]
    paid: list[str] = []

    async def find_offer(trip: str) -> dict[str, Any]:
        return {"trip": trip, "euros": 700}

    async def pay(offer: dict[str, Any]) -> str:
        paid.append(offer["trip"])
        return f"payment {len(paid)}"

    names: dict[str, Any] = {"find_offer": find_offer, "pay": pay, "paid": paid, "__name__": "shown"}
    exec(compile(code, str(README), "exec"), names)
    return names


async def test_the_trip_is_paid_once_when_somebody_agreed(shown: dict[str, Any], capsys: pytest.CaptureFixture[str]):
    asking = asyncio.create_task(shown["main"]())
    async with SessionManager() as other:
        while not (await other.list()) or not await other.questions("trip-17"):
            await asyncio.sleep(0.01)
        await other.answer("trip-17", value=True)
    await asking
    await shown["main"]()
    assert capsys.readouterr().out == "{'trip': 'Lisbon', 'payment': 'payment 1'}\n" * 2
    assert shown["paid"] == ["Lisbon"]
