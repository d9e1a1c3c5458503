"""A store that is open when its process forks is of use to both, and neither harms the other."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reev_flow.errors import SessionError, StoreError
from reev_flow.flows.code import flow
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store, open_trace_store
from support.sessions import Run, entry, is_unbroken, new_session
from support.trace_stores import add, chunk, id_of

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork"),
    pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning"),
]

CHILD_SECONDS = 30


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    opened = open_session_store(tmp_path)
    yield opened
    opened.close()


def fork(work: Callable[[], object]) -> int:
    """The child's process id. It ends with 0 when `work` went well, and not at all well when it hangs."""
    child = os.fork()
    if child:
        return child
    signal.alarm(CHILD_SECONDS)
    try:
        work()
    except BaseException:  # noqa: BLE001 - nothing may get out of the child
        traceback.print_exc(file=sys.stderr)
        os._exit(1)
    os._exit(0)


def went_well(child: int) -> bool:
    return os.waitpid(child, 0)[1] == 0


def steps(store: SessionStore, name: str, count: int = 5) -> None:
    run = Run(store, new_session(name))
    for _ in range(count):
        run.step(b"x")


def is_whole(folder: Path, names: list[str]) -> bool:
    """As a store that was not there before sees it."""
    store = open_session_store(folder)
    whole = all(is_unbroken(store.load(name).result(), store.read_journal(name).result()) for name in names)
    healthy = store.damaged().result() == ()
    store.close()
    return whole and healthy


def test_both_go_on_with_the_store(store, tmp_path):
    steps(store, "before")
    child = fork(lambda: steps(store, "child"))
    steps(store, "parent")
    assert went_well(child)
    assert is_whole(tmp_path, ["before", "child", "parent"])


def test_a_child_that_closes_the_store_takes_nothing_from_its_parent(store, tmp_path):
    steps(store, "before")

    def use_and_close() -> None:
        steps(store, "child")
        store.close()

    assert went_well(fork(use_and_close))
    steps(store, "parent")
    assert is_whole(tmp_path, ["before", "child", "parent"])


def test_what_was_asked_for_before_the_fork_is_done_once_by_the_parent(store, tmp_path):
    run = Run(store)
    store._lanes.writer._turn.acquire()
    waiting = run.append(entry(1))
    store._lanes.writer._turn.release()

    def refused() -> None:
        assert isinstance(waiting.exception(), StoreError | None)

    assert went_well(fork(refused))
    assert waiting.result() is None
    assert is_whole(tmp_path, ["s-1"])


def test_a_child_learns_that_its_parent_does_what_was_waiting(store):
    run = Run(store)
    store._lanes.writer._thread = threading.main_thread()  # nobody is there to do it
    waiting = run.append(entry(1))

    def told() -> None:
        with pytest.raises(StoreError, match="the parent process does it"):
            waiting.result()

    assert went_well(fork(told))
    assert waiting.result() is None


def test_a_child_of_a_child_can_use_the_store(store, tmp_path):
    steps(store, "before")

    def have_a_child() -> None:
        assert went_well(fork(lambda: steps(store, "grandchild")))
        steps(store, "child")

    assert went_well(fork(have_a_child))
    assert is_whole(tmp_path, ["before", "child", "grandchild"])


def test_forks_in_the_middle_of_much_writing_lose_nothing(store, tmp_path):
    names = [f"thread-{number}" for number in range(4)]
    threads = [threading.Thread(target=steps, args=(store, name, 100)) for name in names]
    for thread in threads:
        thread.start()
    children = [fork(partial(steps, store, f"child-{number}")) for number in range(10)]
    assert [went_well(child) for child in children] == [True] * 10
    for thread in threads:
        thread.join()
    assert is_whole(tmp_path, [*names, *(f"child-{number}" for number in range(10))])


def test_both_go_on_with_a_trace_store(tmp_path):
    store = open_trace_store(tmp_path)
    add(store, chunk(data=b"before"))
    child = fork(partial(add, store, chunk(data=b"child")))
    add(store, chunk(data=b"parent"))
    assert went_well(child)
    assert set(store.read(id_of("a")).result().chunks) == {b"before", b"child", b"parent"}
    store.close()


def test_a_fork_leaves_no_store_held_that_was_closed(tmp_path):
    store = open_session_store(tmp_path)
    steps(store, "before")
    store.close()
    assert went_well(fork(lambda: None))
    assert is_whole(tmp_path, ["before"])


def test_a_child_leaves_the_block_of_a_manager_without_closing_it_for_its_parent(tmp_path):
    @flow
    def double(session: Any, number: int) -> int:
        return int(session.step(int, number * 2))

    with SessionManager.sync(tmp_path) as manager:

        def refused_and_left() -> None:
            with pytest.raises(SessionError, match="after the fork"):
                manager.list()
            manager.__exit__(None, None, None)

        assert went_well(fork(refused_and_left))
        assert manager.run(double, 4) == 8
