"""How stores are asked to give back what they forgot."""

from concurrent.futures import Future

import pytest

from reev_flow.errors import StoreError
from reev_flow.runtime.room import ask_to_give_back, give_back_all


class Giving:
    """What is left after each part; then it fails."""

    def __init__(self, *left: int) -> None:
        self.left = list(left)

    def give_back(self) -> Future[int]:
        done: Future[int] = Future()
        if self.left:
            done.set_result(self.left.pop(0))
        else:
            done.set_exception(StoreError("place", "too often asked"))
        return done


@pytest.mark.parametrize("left", [(0,), (3, 2, 0), (3, 3), (5, 4, 4)])
def test_it_goes_on_until_nothing_is_left_or_nothing_can_be_given_back(left):
    for give_back in (give_back_all, ask_to_give_back):
        store = Giving(*left)
        give_back(store)
        assert store.left == []


def test_what_fails_is_left_for_another_time():
    ask_to_give_back(Giving())
