"""Which open stores take part in a fork, and in the end of the process."""

from collections.abc import Iterator

import pytest

from reev_flow.stores import forks


class Told:
    """An open store that remembers what it was told."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def hold(self) -> None:
        self.words.append("hold")

    def let_go(self) -> None:
        self.words.append("let go")

    def start_over(self) -> None:
        self.words.append("start over")

    def close(self) -> None:
        self.words.append("close")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setattr(forks, "_open", set())
    store = Told()
    forks.keep(store)
    yield store
    forks.forget(store)


def test_the_parent_goes_on_with_what_it_held(told):
    forks._before()
    forks._in_parent()
    assert told.words == ["hold", "let go"]


def test_the_child_starts_over(told):
    forks._before()
    forks._in_child()
    assert told.words == ["hold", "start over"]


def test_what_is_open_at_the_end_of_the_process_is_closed(told):
    forks._at_exit()
    assert told.words == ["close"]


def test_a_store_that_was_closed_takes_no_part(told):
    forks.forget(told)
    forks._before()
    forks._in_parent()
    assert told.words == []
