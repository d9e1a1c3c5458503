"""A trap counts, and springs once."""

from reev_flow.chaos.points import Fault, Point
from reev_flow.chaos.trap import Trap


def test_places_are_counted_by_subject_and_edge():
    trap = Trap()
    for subject in ("a", "b", "a"):
        trap.reach(subject, "before-write")
    assert [point.name for point in trap.passed] == ["a@before-write", "b@before-write", "a@before-write@2"]


def test_it_springs_at_its_point_and_nowhere_else():
    trap = Trap(Point("a", "before-write", 2), Fault.CLOCK_BACK)
    sprung: list[str] = []
    trap.when_sprung = lambda: sprung.append("now")
    assert [trap.reach("a", "before-write") for _ in range(3)] == [False, True, False]
    assert sprung == ["now"]
    assert trap.has_sprung
