"""The future a store answers with."""

import asyncio
import threading
from collections.abc import Awaitable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for_all
from typing import Any

import pytest

from reev_flow.sessions.acknowledgement import Acknowledgement, awaited, wake_loops


def settle(acknowledgement: Acknowledgement[str], result: str = "done", error: Exception | None = None) -> None:
    wake_loops(acknowledgement.settle(result, error))


def later(work, seconds: float = 0.01) -> None:
    threading.Timer(seconds, work).start()


def test_a_thread_waits_for_the_result():
    acknowledgement = Acknowledgement[str]()
    later(lambda: settle(acknowledgement))
    assert acknowledgement.result(10) == "done"


def test_a_thread_gets_the_error():
    acknowledgement = Acknowledgement[str]()
    settle(acknowledgement, error=ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        acknowledgement.result()


def test_a_thread_waits_for_the_error():
    acknowledgement = Acknowledgement[str]()
    later(lambda: settle(acknowledgement, error=ValueError("no")))
    assert isinstance(acknowledgement.exception(10), ValueError)


def test_whoever_waits_without_a_limit_lends_a_hand():
    acknowledgement = Acknowledgement[str](lambda: settle(acknowledgement, "by the one who waited"))
    assert acknowledgement.result() == "by the one who waited"


def test_whoever_waits_with_a_limit_does_not():
    acknowledgement = Acknowledgement[str](lambda: settle(acknowledgement))
    with pytest.raises(TimeoutError):
        acknowledgement.result(0.01)


def test_it_cannot_be_cancelled():
    acknowledgement = Acknowledgement[str]()
    assert not acknowledgement.cancel()
    settle(acknowledgement)
    assert acknowledgement.result() == "done"


def test_settling_again_changes_nothing():
    acknowledgement = Acknowledgement[str]()
    settle(acknowledgement, "first")
    settle(acknowledgement, "second")
    assert acknowledgement.result() == "first"


def test_a_callback_from_a_thread_is_called_by_whoever_settles():
    called: list[object] = []
    acknowledgement = Acknowledgement[str]()
    acknowledgement.add_done_callback(called.append)
    settle(acknowledgement)
    assert called == [acknowledgement]


@pytest.mark.parametrize("wait", [awaited, asyncio.wrap_future])
def test_a_coroutine_waits_for_the_result(wait):
    async def main() -> str:
        acknowledgement = Acknowledgement[str]()
        later(lambda: settle(acknowledgement))
        return await _of(wait(acknowledgement))

    assert asyncio.run(main()) == "done"


@pytest.mark.parametrize("wait", [awaited, asyncio.wrap_future])
def test_a_coroutine_need_not_wait_for_what_is_done(wait):
    async def main() -> str:
        acknowledgement = Acknowledgement[str]()
        settle(acknowledgement)
        return await _of(wait(acknowledgement))

    assert asyncio.run(main()) == "done"


@pytest.mark.parametrize("wait", [awaited, asyncio.wrap_future])
def test_a_coroutine_that_gave_up_harms_nobody(wait):
    async def main() -> str:
        acknowledgement = Acknowledgement[str]()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_of(wait(acknowledgement)), 0.01)
        settle(acknowledgement)
        return await _of(wait(acknowledgement))

    assert asyncio.run(main()) == "done"


async def _of(awaitable: Awaitable[str]) -> str:
    return await awaitable


def test_awaited_takes_other_futures_too():
    async def main() -> str:
        future: Future[str] = Future()
        later(lambda: future.set_result("done"))
        return await _of(awaited(future))

    assert asyncio.run(main()) == "done"


def test_many_are_awaited_with_one_wake_up():
    class Counting(asyncio.SelectorEventLoop):
        wake_ups = 0

        def call_soon_threadsafe(self, *arguments: Any, **named: Any) -> asyncio.Handle:  # type: ignore[override]  # as given
            self.wake_ups += 1
            return super().call_soon_threadsafe(*arguments, **named)

    async def main() -> list[str]:
        many = [Acknowledgement[str]() for _ in range(50)]
        later(lambda: wake_loops([call for one in many for call in one.settle("done", None)]))
        return await asyncio.gather(*(_of(one) for one in many))

    loop = Counting()
    assert loop.run_until_complete(main()) == ["done"] * 50
    loop.close()
    assert loop.wake_ups == 1


def test_a_callback_that_fails_does_not_keep_others_from_being_called():
    problems: list[object] = []

    async def main() -> str:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context["exception"]))
        acknowledgement = Acknowledgement[str]()
        acknowledgement.add_done_callback(_fail)
        later(lambda: settle(acknowledgement))
        return await acknowledgement

    assert asyncio.run(main()) == "done"
    assert [type(problem) for problem in problems] == [ZeroDivisionError]


def _fail(_: object) -> None:
    raise ZeroDivisionError


def test_a_loop_that_is_closed_is_not_woken():
    acknowledgement = Acknowledgement[str]()

    async def leave() -> None:
        acknowledgement.add_done_callback(_fail)

    asyncio.run(leave())
    settle(acknowledgement)
    assert acknowledgement.result() == "done"


def test_a_loop_that_refuses_for_another_reason_is_heard():
    class Refusing(asyncio.SelectorEventLoop):
        def call_soon_threadsafe(self, *_: object, **__: object):
            raise RuntimeError("full")

    loop = Refusing()
    acknowledgement = Acknowledgement[str]()
    with pytest.raises(RuntimeError, match="full"):
        wake_loops([(loop, _fail, acknowledgement)])
    loop.close()


def test_a_lock_that_nobody_will_give_back_stops_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("reev_flow.sessions.acknowledgement.MOST_SECONDS_A_LOCK_IS_HELD", 0.05)
    acknowledgement = Acknowledgement[str]()
    interrupted = threading.Thread(target=acknowledgement._condition.acquire)
    interrupted.start()
    interrupted.join()
    settle(acknowledgement)
    assert acknowledgement.result(1) == "done"


@pytest.mark.parametrize("error", [None, ValueError("no")], ids=["a result", "an error"])
def test_what_waits_for_many_futures_is_told(error: Exception | None):
    acknowledgement = Acknowledgement[str]()
    later(lambda: settle(acknowledgement, error=error))
    assert wait_for_all([acknowledgement], timeout=10).done == {acknowledgement}


def test_whoever_is_awake_already_is_not_woken():
    acknowledgement = Acknowledgement[str]()
    acknowledgement._sleepers.append(threading.Lock())
    settle(acknowledgement)
    assert acknowledgement.result(1) == "done"
