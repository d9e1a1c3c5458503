"""Processes that are really killed in the middle of flows, and what the next ones make of what they left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reev_flow.sessions.state import SessionState
from reev_flow.stores.urls import open_session_store
from support.killed_payments import in_a_child
from support.payments import FORMS
from support.processes import environment
from support.sessions import is_unbroken

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no SIGKILL"),
    pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning"),
]

MOST_EDGES = 200
KILLED = -signal.SIGKILL


@pytest.mark.parametrize("form", FORMS)
def test_killed_anywhere_two_payments_are_made_and_never_a_third(form, tmp_path):
    for kill_at in range(1, MOST_EDGES):
        folder = tmp_path / str(kill_at)
        folder.mkdir()
        ended = in_a_child(folder, form, kill_at=kill_at, seed=kill_at)
        if ended == 0:
            assert kill_at > 20, "there are more edges than that"
            return
        assert ended == KILLED
        assert in_a_child(folder, form, seed=1_000 + kill_at) == 0
        assert payments_are_right(folder)
    raise AssertionError("it never ended")


@pytest.mark.parametrize("seed", range(4))
def test_killed_again_and_again_two_payments_are_made(seed, tmp_path):
    for attempt in range(MOST_EDGES):
        if in_a_child(tmp_path, "gather", kill_at=7 + attempt * 3, seed=seed * MOST_EDGES + attempt) == 0:
            break
    assert attempt > 1
    assert payments_are_right(tmp_path)


def payments_are_right(folder: Path) -> bool:
    books = (folder / "books").read_text().splitlines()
    receipts = (folder / "result").read_text().splitlines()
    store = open_session_store(folder / "store")
    session, journal = store.load("s-1").result(), store.read_journal("s-1").result()
    healthy = store.damaged().result() == ()
    store.close()
    assert healthy
    assert is_unbroken(session, journal)
    assert session.state is SessionState.COMPLETED
    assert len(books) == len(set(books)) == 2, f"paid: {books}"
    return sorted(receipts) == sorted(f"receipt of {payment}" for payment in books)


SCRIPT = """
import asyncio, os, signal, sys
from dataclasses import dataclass
from reev_flow import SessionManager, flow

class Declined(Exception):
    pass

@dataclass
class Receipt:
    number: int

def tally(line):
    with open("tally", "a") as lines:
        lines.write(line + "\\n")

async def buy(price: int) -> Receipt:
    tally("buy")
    return Receipt(price)

async def decline() -> None:
    tally("decline")
    raise Declined("no money", 3)

async def last() -> None:
    tally("last")
    if os.environ.get("DIES"):
        os.kill(os.getpid(), signal.SIGKILL)

@flow
async def purchase(session, price: int) -> Receipt:
    receipt = await session.step(buy, price)
    assert isinstance(receipt, Receipt)
    try:
        await session.step(decline)
    except Declined as declined:
        tally(f"caught {declined.args}")
    await session.step(last, on_interrupt="rerun")
    return receipt

async def main():
    async with SessionManager("store") as manager:
        print(await manager.run(purchase, 7, session_id="s-1"))

if __name__ == "__main__":
    asyncio.run(main())
"""

RESUME = """
import asyncio
from reev_flow import SessionManager

async def main():
    async with SessionManager("store") as manager:
        for _ in range(2):
            print(await manager.resume("s-1"))

asyncio.run(main())
"""


def run(*command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment() | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("resume", [("script.py",), ("-c", RESUME), ("-c", "import script\n" + RESUME)])
def test_a_script_that_was_killed_is_gone_on_with_by_itself_and_by_programs_that_load_it(resume, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    assert run("script.py", folder=tmp_path, DIES="1").returncode == KILLED
    again = run(*resume, folder=tmp_path)
    assert again.stderr == ""
    assert set(again.stdout.splitlines()) == {"Receipt(number=7)"}
    caught = "caught ('no money', 3)"
    assert (tmp_path / "tally").read_text().splitlines() == ["buy", "decline", caught, "last", caught, "last"]
