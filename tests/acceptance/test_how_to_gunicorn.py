"""Four forked workers on one store: killing one of them loses nothing."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from reev_flow import SessionManager, open_session_store
from reev_flow.errors import LeaseHeld
from support.bank import Bank
from support.pages import write_files_of
from support.serving import Server, eventually

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no fork")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files_of("docs/how-to/gunicorn.md", tmp_path)
    return tmp_path


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank().open() as opened:
        yield opened


@pytest.fixture
def server(folder: Path, bank: Bank) -> Iterator[Server]:
    with Server(["gunicorn", "shop:app", "--bind", "127.0.0.1:PORT"], folder, BANK_URL=bank.url) as running:
        yield running


def order(server: Server, name: str) -> httpx.Response:
    return server.client.put(f"/orders/{name}?bell")


def worker_of(folder: Path, name: str) -> int:
    """The process that has the session."""
    with closing(open_session_store(folder / "sessions")) as store, pytest.raises(LeaseHeld) as held:
        store.claim(name, "the test", 1).result()
    return int(held.value.worker.split("/")[1])


def test_orders_of_all_workers_are_in_one_store(server: Server, folder: Path, bank: Bank):
    names = [f"order-{number}" for number in range(12)]
    with ThreadPoolExecutor(12) as clients:
        answers = list(clients.map(lambda name: order(server, name).json()["payment"], names))
    assert sorted(answers) == list(range(1, 13))
    with SessionManager.sync(folder / "sessions") as manager:
        assert {session.session_id for session in manager.list()} >= set(names)


def test_the_order_of_a_killed_worker_is_finished_by_its_sibling_and_paid_once(
    server: Server, folder: Path, bank: Bank
):
    bank.be_slow()
    with ThreadPoolExecutor(1) as client:
        lost = client.submit(order, server, "7")
        bank.wait_until_asked(1, by=server.process)
        os.kill(worker_of(folder, "7"), signal.SIGKILL)
        assert isinstance(lost.exception(30), httpx.TransportError)
    bank.be_quick()
    with SessionManager.sync(folder / "sessions") as manager:
        eventually(lambda: manager.load("7").state == "completed", server.told)
    assert order(server, "7").json() == {"item": "bell", "payment": 1}
    assert (len(bank.asked), len(bank.taken)) == (2, 1)


def test_an_order_that_many_clients_send_at_once_is_paid_once(server: Server, bank: Bank):
    with ThreadPoolExecutor(8) as clients:
        answers = [clients.submit(order, server, "7") for _ in range(8)]
        told = [answer.result(60) for answer in answers]
    assert {answer.status_code for answer in told} <= {200, 503}
    assert all("belongs to worker" in answer.json()["error"] for answer in told if answer.status_code == 503)
    assert order(server, "7").json() == {"item": "bell", "payment": 1}
    assert len(bank.asked) == 1


def test_stopping_the_server_lets_its_requests_end(server: Server, bank: Bank):
    bank.be_slow()
    with ThreadPoolExecutor(1) as client:
        answer = client.submit(order, server, "7")
        bank.wait_until_asked(1, by=server.process)
        os.kill(server.process.pid, signal.SIGTERM)
        eventually(lambda: "Handling signal: term" in server.told(), server.told)
        bank.be_quick()
        assert answer.result(60).json() == {"item": "bell", "payment": 1}
    assert server.process.wait(60) == 0
    assert "Traceback" not in server.told()
