"""Points have names that can be typed again, and are chosen by them."""

import pytest

from reev_flow.chaos.points import Fault, NoSuchPoint, Point, chosen, points_for

PASSED = [
    Point("store-file", "before-write"),
    Point("store-file", "before-write", 2),
    Point("store-log", "before-sync"),
    Point("pay#1", "before-function"),
    Point("pay#1", "after-function"),
]


def names(points: list[Point]) -> list[str]:
    return [point.name for point in points]


def test_a_name_says_which_time_it_is_from_the_second_on():
    assert names(PASSED[:2]) == ["store-file@before-write", "store-file@before-write@2"]


def test_a_step_that_is_called_store_is_a_step():
    assert not Point("store#1", "before-start").is_of_store


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.KILL, names(PASSED)),
        (Fault.TORN_WRITE, ["store-file@before-write", "store-file@before-write@2"]),
        (Fault.DISK_FULL, ["store-file@before-write", "store-file@before-write@2"]),
        (Fault.SLOW_DISK, ["store-log@before-sync"]),
        (Fault.CLOCK_BACK, ["pay#1@before-function", "pay#1@after-function"]),
    ],
)
def test_a_fault_happens_where_it_can(fault, expected):
    assert names(points_for(fault, PASSED)) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("all", names(PASSED)),
        ("99", names(PASSED)),
        ("store-file@before-write", ["store-file@before-write"]),
        ("pay#1@*", ["pay#1@before-function", "pay#1@after-function"]),
    ],
)
def test_points_are_chosen_by_name(wanted, expected):
    assert names(chosen(wanted, PASSED, seed=0)) == expected


def test_a_number_draws_so_many_by_the_seed_and_keeps_their_order():
    drawn = [names(chosen("2", PASSED, seed=seed)) for seed in (1, 1, 2, 3, 4)]
    assert drawn[0] == drawn[1]
    assert len({tuple(one) for one in drawn}) > 1
    assert all(one == sorted(one, key=names(PASSED).index) for one in drawn)


def test_a_name_that_is_not_passed_is_refused_with_names_that_are():
    with pytest.raises(
        NoSuchPoint, match=r"its 5 points have names like store-file@before-write, pay#1@after-function"
    ):
        chosen("pay#2@*", PASSED, seed=0)
