"""The service of the how-to keeps its promises over restarts and kills."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reev_flow import SessionManager
from support.bank import Bank
from support.pages import write_files_of
from support.serving import Server, eventually

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

BIKE = {"item": "bike", "euros": 900}
BELL = {"item": "bell", "euros": 9}
PAID = {"item": "bell", "payment": 1}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files_of("docs/how-to/fastapi.md", tmp_path)
    return tmp_path


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank().open() as opened:
        yield opened


def shop(folder: Path, bank: Bank, *options: str) -> Server:
    return Server(["uvicorn", "shop:app", "--port", "PORT", *options], folder, BANK_URL=bank.url)


def look(server: Server, name: str) -> dict[str, Any]:
    found: dict[str, Any] = server.client.get(f"/orders/{name}").json()
    return found


def wait_for(server: Server, name: str, state: str) -> dict[str, Any]:
    def there() -> dict[str, Any] | None:
        found = look(server, name)
        return found if found.get("state") == state else None

    return eventually(there, lambda: (look(server, name), server.told()))


def state_on_disk(folder: Path, name: str) -> str:
    with SessionManager.sync(folder / "sessions") as manager:
        return str(manager.load(name).state)


def test_an_order_goes_on_after_its_request_was_answered(folder: Path, bank: Bank):
    bank.be_slow()
    with shop(folder, bank) as server:
        placed = server.client.put("/orders/7", json=BELL)
        assert placed.status_code == 202
        bank.wait_until_asked(1, by=server.process)
        assert look(server, "7")["state"] == "running"
        bank.be_quick()
        assert wait_for(server, "7", "completed")["result"] == PAID
        assert server.told().count("ERROR") == 0


def test_an_order_that_is_placed_twice_is_paid_once(folder: Path, bank: Bank):
    with shop(folder, bank) as server:
        for _ in range(2):
            server.client.put("/orders/7", json=BELL)
        wait_for(server, "7", "completed")
        assert server.client.put("/orders/7", json=BELL).json()["result"] == PAID
    assert len(bank.asked) == 1


def test_stopping_the_server_leaves_its_orders_interrupted_and_the_next_one_goes_on_with_them(folder: Path, bank: Bank):
    bank.be_slow()
    with shop(folder, bank) as server:
        server.client.put("/orders/7", json=BELL)
        bank.wait_until_asked(1, by=server.process)
        server.end(signal.SIGTERM)
        assert "never retrieved" not in server.told()
    assert state_on_disk(folder, "7") == "interrupted"
    bank.be_quick()
    with shop(folder, bank) as server:
        assert wait_for(server, "7", "completed")["result"] == PAID
    assert (len(bank.asked), len(bank.taken)) == (2, 1)


def test_a_server_that_was_killed_loses_no_order_that_it_acknowledged(folder: Path, bank: Bank):
    bank.be_slow()
    with shop(folder, bank) as server:
        for name in "123":
            assert server.client.put(f"/orders/{name}", json=BELL).status_code == 202
        server.end(signal.SIGKILL)
    bank.be_quick()
    with shop(folder, bank) as server:
        assert [wait_for(server, name, "completed")["result"]["item"] for name in "123"] == ["bell"] * 3
    assert len(bank.taken) == 3


def test_a_question_is_answered_by_another_request_of_another_server(folder: Path, bank: Bank):
    with shop(folder, bank) as server:
        server.client.put("/orders/7", json=BIKE)
        assert wait_for(server, "7", "waiting")["questions"] == {"ask#1": "bike for 900 euros?"}
        server.end(signal.SIGTERM)
    with shop(folder, bank) as server:
        assert server.client.post("/orders/7/answer", json=True).status_code == 202
        assert wait_for(server, "7", "completed")["result"] == {"item": "bike", "payment": 1}


def test_an_answer_that_does_not_fit_is_refused_and_the_question_stays_open(folder: Path, bank: Bank):
    with shop(folder, bank) as server:
        server.client.put("/orders/7", json=BIKE)
        wait_for(server, "7", "waiting")
        refused = server.client.post("/orders/7/answer", json="perhaps")
        assert refused.status_code == 409
        assert "the question stays open" in refused.json()["error"]
        assert server.client.get("/orders/8").status_code == 404
        assert look(server, "7")["questions"] != {}


def test_two_workers_share_the_orders(folder: Path, bank: Bank):
    with shop(folder, bank, "--workers", "2") as server:
        names = [f"order-{number}" for number in range(8)]
        for name in names:
            server.client.put(f"/orders/{name}", json=BELL)
        payments = [wait_for(server, name, "completed")["result"]["payment"] for name in names]
    assert (sorted(payments), len(bank.asked)) == (list(range(1, 9)), 8)
