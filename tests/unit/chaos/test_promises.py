"""What workers saw, held against what is there."""

from reev_flow.chaos.promises import (
    broken_promises,
    calls_of,
    done_in_peace,
    kept_spans,
    run_again,
    trace_ids_of,
)
from reev_flow.chaos.sights import Seen, Sight, Sights
from reev_flow.sessions.journal import EntryKind, JournalEntry

PAID = JournalEntry(number=1, kind=EntryKind.FINISHED, time_ns=1, epoch=1, step="pay#1")
A, B = "00f067aa0ba902b7", "53995c3f42cd8ad8"


def saw(*lines: str) -> list[Sight]:
    """Each as `worker what about`."""
    parts = [line.split(" ") for line in lines]
    return [Sight(Seen(what), "".join(about), int(worker)) for worker, what, *about in parts]


def test_what_is_noted_is_read_back_whoever_noted_it(tmp_path):
    for step in ("pay#1", "ship#1"):
        sights = Sights(tmp_path)
        sights.note(Seen.BEGAN, step)
        sights.close()
    assert [(one.what, one.about) for one in Sights(tmp_path).read()] == [(Seen.BEGAN, "pay#1"), (Seen.BEGAN, "ship#1")]


def test_a_step_that_is_tried_again_before_it_finished_is_in_order():
    assert run_again(saw("1 began pay#1", "2 began pay#1", "2 finished pay#1", "3 began ship#1")) == []


def test_a_step_that_runs_again_after_it_finished_is_named_once():
    sights = saw("1 began pay#1", "1 finished pay#1", "2 began pay#1", "3 began pay#1")
    assert run_again(sights) == ["pay#1"]
    assert list(broken_promises(sights, [PAID], ())) == ["step pay#1 ran again although it had finished"]


def test_a_result_and_an_answer_that_were_acknowledged_and_are_gone_are_named():
    sights = saw("1 finished pay#1", "1 finished ship#1", "1 answered ask#1", "1 answered ask#2")
    assert list(broken_promises(sights, [PAID], {"ask#2"})) == [
        "step ship#1 had finished, which was acknowledged, and the journal does not say so",
        "the answer to ask#1 was acknowledged and is gone",
    ]


def test_calls_are_told_by_the_times_that_somebody_went_through_the_flow():
    sights = saw("1 trace t", "2 trace t", "1 called a#1", "2 called a#1", "1 called b#1", "1 trace t", "1 called a#1")
    assert calls_of(sights) == (("a#1", "b#1"), ("a#1",), ("a#1",))
    assert trace_ids_of(sights) == {"t"}


def test_what_was_done_in_peace_was_done_last_by_a_worker_that_ended_in_order():
    sights = saw("1 began a#1", "1 began b#1", "2 began b#1", "3 began c#1", "2 left", "3 left")
    assert done_in_peace(sights) == {"b#1", "c#1"}


def test_spans_are_kept_by_their_traces():
    assert kept_spans(saw(f"1 kept t:{A}{B}", f"2 kept u:{A}", f"2 kept t:{B}")) == {"t": {A, B}, "u": {A}}
