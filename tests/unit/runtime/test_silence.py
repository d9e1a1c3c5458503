"""A lease of a silent worker ends also when the clock was set back meanwhile."""

from reev_flow.errors import LeaseHeld
from reev_flow.runtime import silence
from reev_flow.runtime.silence import Silences
from support.sessions import NS, START_NS


class TwoClocks:
    """One that somebody sets, and one that only passes."""

    def __init__(self) -> None:
        self.shown = 0.0
        self.passed = 0.0

    def now_ns(self) -> int:
        return START_NS + int(self.shown * NS)

    def monotonic_ns(self) -> int:
        return int(self.passed * NS)

    def go_on(self, seconds: float) -> None:
        self.shown += seconds
        self.passed += seconds


def held(session_id: str = "s-1", *, heard: float = 0, lasts: float = 60) -> LeaseHeld:
    """By a worker that was last heard of then."""
    heard_ns = START_NS + int(heard * NS)
    return LeaseHeld(session_id, "worker", heard_ns + int(lasts * NS), heard_ns)


def test_a_worker_that_lets_a_whole_lease_pass_after_the_clock_was_set_back_is_gone():
    clock = TwoClocks()
    silences = Silences(clock)
    clock.shown = -3_600
    over = [silences.are_over(held())]
    for seconds in (59, 1):
        clock.go_on(seconds)
        over.append(silences.are_over(held()))
    assert over == [False, False, True]


def test_a_worker_that_renews_its_lease_is_not():
    clock = TwoClocks()
    silences = Silences(clock)
    clock.shown = -3_600
    over = [silences.are_over(held())]
    clock.go_on(59)
    over.append(silences.are_over(held(heard=-3_600 + 59.5)))
    clock.go_on(1)
    over.append(silences.are_over(held(heard=-3_600 + 59.5)))
    assert over == [False, False, False]


def test_as_long_as_the_clock_can_be_trusted_it_says_when_a_lease_ends():
    clock = TwoClocks()
    silences = Silences(clock)
    assert not silences.are_over(held())
    clock.go_on(1_000)
    assert not silences.are_over(held(lasts=2_000))


def test_only_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(silence, "MOST_REMEMBERED", 2)
    clock = TwoClocks()
    silences = Silences(clock)
    clock.shown = -3_600
    for name in ("s-1", "s-2", "s-3"):
        silences.are_over(held(name))
    assert list(silences._since_ns) == ["s-3"]
