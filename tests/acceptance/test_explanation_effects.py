"""A payment that was caught in the middle becomes what the page on effects says, in each of its four ways."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from reev_flow import Retry, SessionManager, flow
from reev_flow.errors import StepTimeout
from support.bank import Bank
from support.pages import run, start, write_files_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files_of("docs/explanation/effects-and-doubt.md", tmp_path)
    return tmp_path


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank().open() as opened:
        yield opened


def pay(way: str, folder: Path, bank: Bank) -> CompletedProcess[str]:
    return run(["python", "payments.py", way], folder, BANK_URL=bank.url)


def killed_after_the_money_went(way: str, folder: Path, bank: Bank) -> None:
    bank.be_slow()
    process = start(["python", "payments.py", way], folder, BANK_URL=bank.url)
    bank.wait_until_asked(1, by=process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    bank.be_quick()


def answer(folder: Path, *words: str) -> None:
    command = ["reev-flow", "sessions", "answer", "with_person", *words, "--store", "sessions"]
    assert run(command, folder).returncode == 0


def test_with_a_key_it_is_sent_again_and_taken_once(folder: Path, bank: Bank):
    killed_after_the_money_went("with_key", folder, bank)
    assert pay("with_key", folder, bank).stdout == "1\n"
    assert (len(bank.asked), len(bank.taken)) == (2, 1)


def test_with_a_probe_it_is_found(folder: Path, bank: Bank):
    killed_after_the_money_went("with_probe", folder, bank)
    assert pay("with_probe", folder, bank).stdout == "1\n"
    assert len(bank.asked) == 1


def test_with_a_person_it_waits_until_somebody_says_that_it_happened(folder: Path, bank: Bank):
    killed_after_the_money_went("with_person", folder, bank)
    assert "SessionWaiting: session 'with_person' waits" in pay("with_person", folder, bank).stderr
    assert "SessionWaiting: session 'with_person' waits" in pay("with_person", folder, bank).stderr
    answer(folder, "--happened", "--result", "1")
    assert pay("with_person", folder, bank).stdout == "1\n"
    assert len(bank.asked) == 1


def test_with_a_person_it_is_sent_again_when_somebody_says_that_it_did_not_happen(folder: Path, bank: Bank):
    killed_after_the_money_went("with_person", folder, bank)
    assert "SessionWaiting" in pay("with_person", folder, bank).stderr
    answer(folder, "--not-happened")
    assert pay("with_person", folder, bank).stdout == "2\n"


def test_with_failure_the_step_fails_and_is_not_sent_again(folder: Path, bank: Bank):
    killed_after_the_money_went("with_failure", folder, bank)
    for _ in range(2):
        assert (
            "StepInDoubt: session 'with_failure': step 'pay#1' was interrupted"
            in pay("with_failure", folder, bank).stderr
        )
    assert len(bank.asked) == 1


def test_a_payment_that_takes_too_long_is_not_sent_again():
    calls = []

    async def pay() -> None:
        calls.append(1)  # before anybody could lose patience
        await asyncio.sleep(30)

    @flow
    def impatient(session: Any) -> None:
        session.step(pay, timeout=0.05, retry=Retry(wait_seconds=0))

    with SessionManager.sync("memory:") as manager, pytest.raises(StepTimeout):
        manager.run(impatient)
    assert len(calls) == 1
