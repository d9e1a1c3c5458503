"""A run as its journal tells it, over any number of workers."""

import msgspec
import pytest
from msgspec.structs import replace

from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Failure, Stop
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.told import told
from reev_flow.trace.run import Attempt, Gap, GapKind, Outcome, step_span_id
from reev_flow.trace.span import Operation
from support.journals import Story, asked_and_answered, at, killed_and_resumed


def only(story: Story) -> Attempt:
    (attempt,) = story.record().attempts
    return attempt


def seconds(attempt: Attempt | Gap) -> tuple[float, float | None]:
    start = attempt.started_ns if isinstance(attempt, Attempt) else attempt.start_ns
    end = attempt.ended_ns if isinstance(attempt, Attempt) else attempt.end_ns
    return (start - at(0)) / 1e9, None if end is None else (end - at(0)) / 1e9


def test_a_step_that_went_well_has_its_times_arguments_and_result():
    story = Story().run()
    story.do("pay[tx-7]", 1, 3, "tx-7", amount=5, result={"ok": True}, operation="tool")
    attempt = only(story)
    assert (attempt.step, attempt.name, attempt.number) == ("pay[tx-7]", "pay", 1)
    assert (attempt.operation, attempt.effect, attempt.outcome) == (Operation.TOOL, "ask", Outcome.FINISHED)
    assert seconds(attempt) == (1, 3)
    assert (attempt.arguments, attempt.result) == ({"*": ["tx-7"], "amount": 5}, {"ok": True})


def test_a_step_that_raised_says_what():
    story = Story().run()
    story.start("pay#1", 1)
    story.fail("pay#1", 2, ValueError("no money"))
    attempt = only(story)
    assert (attempt.outcome, attempt.error_type, attempt.error_message) == (Outcome.FAILED, "ValueError", "no money")


def test_an_error_of_a_module_is_told_with_it():
    story = Story().run()
    story.start("pay#1", 1)
    story.fail("pay#1", 2, msgspec.ValidationError("expected int"))
    assert only(story).error_type == "msgspec.ValidationError"


@pytest.mark.parametrize(("kind", "told"), [("/home/ann/shop.py:Declined", "shop.Declined"), ("odd", "odd")])
def test_an_error_of_a_script_is_told_without_where_the_script_is(kind, told):
    story = Story().run()
    story.start("pay#1", 1)
    story.note(EntryKind.FAILED, Failure(kind=kind), 2, ("pay#1", 1))
    assert only(story).error_type == told


def test_a_step_that_still_runs_has_no_end():
    story = Story().run()
    story.start("pay#1", 1)
    assert (only(story).outcome, only(story).ended_ns) == (Outcome.RUNNING, None)


def test_each_retry_is_an_attempt():
    story = Story().run()
    story.start("pay#1", 1)
    story.fail("pay#1", 2, OSError("busy"), is_final=False)
    story.do("pay#1", 5, 6)
    assert [(one.number, one.outcome) for one in story.record().attempts] == [
        (1, Outcome.FAILED),
        (2, Outcome.FINISHED),
    ]


def test_a_run_begins_when_its_first_worker_takes_it_up():
    assert Story().run(4).record().started_ns == at(4)


def test_a_run_that_nobody_took_up_began_when_it_was_created():
    assert Story().record().started_ns == at(0)


def test_a_run_keeps_its_facts():
    story = Story().run()
    record = story.end(9, SessionState.FAILED, error="ValueError: no money").record()
    assert (record.session_id, record.flow, record.trace_id) == ("s-1", "swap_then_lend", "7" * 32)
    assert (record.state, record.ended_ns, record.error) == ("failed", at(9), "ValueError: no money")
    assert record.arguments == {"*": [250], "asset": "USDC"}


FAILURE = Failure(kind="shop.till:Declined", message="no money").encoded()


@pytest.mark.parametrize("state", [SessionState.FAILED, SessionState.CANCELLED, SessionState.TIMED_OUT])
def test_what_a_run_failed_with_is_no_result(state: SessionState):
    story = Story().run().end(9, state)
    story.session = replace(story.session, result=FAILURE)
    record = story.record()
    assert (record.result, record.error) == (None, "Declined: no money")


def test_what_a_session_says_of_its_failure_goes_before_what_was_kept_of_the_error():
    story = Story().run().end(9, SessionState.FAILED, error="it was declined")
    story.session = replace(story.session, result=FAILURE)
    assert story.record().error == "it was declined"


def test_a_plan_that_failed_has_a_result_nevertheless():
    record = Story().run().end(9, SessionState.FAILED, error="step a failed", result={"status": "FAILED"}).record()
    assert (record.result, record.error) == ({"status": "FAILED"}, "step a failed")


def test_a_run_that_ended_well_has_a_result():
    assert killed_and_resumed().record().result == {"status": "done"}


def test_a_killed_attempt_ends_when_its_worker_was_last_heard_of():
    killed, finished = (one for one in killed_and_resumed().record().attempts if one.name == "submit_swap")
    assert (killed.outcome, seconds(killed)) == (Outcome.INTERRUPTED, (2, 5))
    assert (finished.outcome, seconds(finished)) == (Outcome.FINISHED, (20, 24))


def test_a_worker_is_down_from_when_it_was_last_heard_of_until_the_next_one():
    (gap,) = killed_and_resumed().record().gaps
    assert (gap.kind, seconds(gap), gap.label) == (GapKind.DOWN, (5, 20), "its worker is gone")


def test_what_a_worker_wrote_is_a_sign_of_life_too():
    story = Story().run()
    story.start("slow#1", 1)
    story.do("quick#1", 1, 8)
    story.take_over(20, "slow#1", heard=5)
    record = story.record()
    assert seconds(record.attempts[0]) == (1, 8)
    assert [seconds(gap) for gap in record.gaps] == [(8, 20)]


def test_a_worker_cannot_have_been_heard_of_after_it_was_replaced():
    story = Story().run()
    story.start("pay#1", 1)
    story.take_over(10, "pay#1", heard=300)
    assert seconds(story.record().attempts[0]) == (1, 10)
    assert story.record().gaps == ()


def test_an_attempt_never_ends_before_it_began():
    story = Story().run(50)
    story.start("pay#1", 60)
    story.take_over(10, "pay#1", heard=5)  # the clock was set back
    assert seconds(story.record().attempts[0]) == (60, 60)


def test_a_run_may_be_killed_over_and_over():
    story = Story().run()
    story.start("pay#1", 1)
    story.take_over(20, "pay#1", heard=5)
    story.start("pay#1", 21)
    story.take_over(40, "pay#1", heard=25)
    story.do("pay#1", 41, 42)
    record = story.end(42).record()
    assert [seconds(gap) for gap in record.gaps] == [(5, 20), (25, 40)]
    assert [seconds(one) for one in record.attempts] == [(1, 5), (21, 25), (41, 42)]


def test_a_worker_that_leaves_in_good_order_is_down_until_somebody_writes():
    story = Story().run()
    story.become(SessionState.INTERRUPTED, 3, reason="the program was told to stop")
    story.next_worker()
    story.become(SessionState.RUNNING, 9)
    assert [seconds(gap) for gap in story.record().gaps] == [(3, 9)]


def test_a_run_that_nobody_took_over_is_still_down():
    story = Story().run()
    story.start("pay#1", 1)
    story.become(SessionState.INTERRUPTED, 3)
    record = story.record()
    assert [seconds(gap) for gap in record.gaps] == [(3, None)]
    assert (record.attempts[0].outcome, seconds(record.attempts[0])) == (Outcome.INTERRUPTED, (1, 3))


def test_a_new_worker_that_wrote_nothing_yet_has_interrupted_the_former_one():
    story = Story().run()
    story.start("pay#1", 1)
    story.do("look#1", 1, 2)
    story.next_worker()
    attempt = story.record().attempts[0]
    assert (attempt.outcome, seconds(attempt)) == (Outcome.INTERRUPTED, (1, 2))


def test_a_step_that_was_cancelled_ends_then():
    story = Story().run()
    story.start("pay#1", 1)
    story.stop("pay#1", 4, reason="cancelled")
    assert (only(story).outcome, seconds(only(story)), only(story).reason) == (
        Outcome.INTERRUPTED,
        (1, 4),
        "cancelled",
    )


def test_what_runs_when_its_session_ends_ends_with_it():
    story = Story().run()
    story.start("pay#1", 1)
    attempt = only(story.end(7, SessionState.TIMED_OUT))
    assert (attempt.outcome, seconds(attempt)) == (Outcome.INTERRUPTED, (1, 7))


@pytest.mark.parametrize(("happened", "settled"), [(True, "happened"), (False, "not happened")])
def test_a_verdict_does_not_undo_the_interruption(happened: bool, settled: str):  # noqa: FBT001 - a case
    story = Story().run()
    story.start("pay#1", 1)
    story.take_over(20, "pay#1", heard=3)
    story.settle("pay#1", 21, happened=happened, result="paid")
    attempt = only(story)
    assert (attempt.outcome, attempt.settled, attempt.by) == (Outcome.INTERRUPTED, settled, "person")
    assert attempt.result == ("paid" if happened else None)


def test_a_result_that_turns_up_for_an_interrupted_attempt_says_that_it_happened():
    story = Story().run()
    story.start("pay#1", 1)
    story.take_over(20, "pay#1", heard=3)
    story.finish("pay#1", 21, "paid")
    assert (only(story).outcome, only(story).settled, only(story).result) == (
        Outcome.INTERRUPTED,
        "happened",
        "paid",
    )


def test_an_interrupted_attempt_that_may_not_be_repeated_says_what_its_flow_was_told():
    story = Story().run()
    story.start("pay#1", 1)
    story.take_over(20, "pay#1", heard=3)
    story.fail("pay#1", 21, RuntimeError("in doubt"))
    assert (only(story).outcome, seconds(only(story)), only(story).error_message) == (
        Outcome.INTERRUPTED,
        (1, 3),
        "in doubt",
    )


def test_a_question_is_told_with_its_answer():
    question = asked_and_answered().record().attempts[1]
    assert (question.question, question.result, question.by) == ("buy offer 7 for 30 €?", True, "ada")
    assert (question.outcome, seconds(question)) == (Outcome.FINISHED, (1, 3_601))


def test_waiting_for_an_answer_is_a_gap_and_not_down():
    (gap,) = asked_and_answered().record().gaps
    assert (gap.kind, seconds(gap), gap.label) == (GapKind.WAITING, (1, 3_601), "buy offer 7 for 30 €?")


def test_an_open_question_waits_also_when_its_worker_is_gone():
    story = Story().run()
    story.ask("ask#1", 1, "well?")
    story.next_worker()
    assert (only(story).outcome, only(story).ended_ns) == (Outcome.WAITING, None)


def test_a_question_that_nobody_answered_ends_with_its_session():
    story = Story().run()
    story.ask("ask#1", 1, "well?")
    attempt = only(story.end(9, SessionState.CANCELLED))
    assert (attempt.outcome, attempt.reason, seconds(attempt)) == (Outcome.INTERRUPTED, "cancelled", (1, 9))


def test_an_answer_that_does_not_fit_ends_the_question_that_is_put_again():
    story = Story().run()
    story.ask("ask#1", 1, "how many?")
    story.fail("ask#1", 5, ValueError("not a number"), is_final=False)
    story.ask("ask#1", 5, "how many?", number=2)
    story.answer("ask#1", 9, 3, number=2)
    first, second = story.record().attempts
    assert (first.outcome, first.error_message, seconds(first)) == (Outcome.FAILED, "not a number", (1, 5))
    assert (second.outcome, second.result, seconds(second)) == (Outcome.FINISHED, 3, (5, 9))


def test_a_question_about_a_step_is_told_apart_from_the_step():
    story = Story().run()
    story.start("pay#1", 1)
    story.take_over(20, "pay#1", heard=3)
    story.ask("pay#1", 21, "did it happen?", in_doubt=True)
    story.answer("pay#1", 30, value=False)
    step, question = story.record().attempts
    assert (step.outcome, step.is_question, step.result) == (Outcome.INTERRUPTED, False, None)
    assert (question.name, question.is_in_doubt, question.result) == ("ask about pay", True, False)


def test_an_answer_to_nothing_changes_nothing():
    story = Story().run()
    story.answer("ask#1", 1, value=True)
    assert story.record().attempts == ()


def test_an_attempt_whose_beginning_is_missing_began_when_it_ended():
    story = Story().run()
    story.note(EntryKind.FINISHED, b"3", 4, ("count#1", 1))
    assert (only(story).name, only(story).result, seconds(only(story))) == ("count", 3, (4, 4))


def test_an_operation_that_nobody_knows_is_a_step():
    story = Story().run()
    story.start("dance#1", 1, operation="dance")
    assert only(story).operation is Operation.STEP


def test_entries_that_cannot_be_read_are_left_out():
    story = Story().run()
    story.note(EntryKind.STARTED, b"\xff", 1, ("pay#1", 1))
    story.note(EntryKind.STATE, b"", 2)
    assert story.record().attempts == ()


def test_a_first_worker_that_wrote_nothing_leaves_no_trace_but_its_time():
    story = Story()
    story.take_over(20, heard=5)
    assert [seconds(gap) for gap in story.record().gaps] == [(5, 20)]


def test_how_an_attempt_was_stopped_may_be_told_before_that_it_was_started():
    story = Story(epoch=2).run()
    story.note(EntryKind.INTERRUPTED, Stop(heard_ns=at(1)), 3, ("pay#1", 1))
    assert only(story).outcome is Outcome.INTERRUPTED


def test_the_beginning_of_a_journal_tells_the_beginning_of_the_run():
    story = killed_and_resumed()
    whole = story.record()
    for count in range(len(story.entries) + 1):
        story.session = replace(story.session, state=SessionState.RUNNING, ended_ns=None)
        part = replace(story.session, epoch=story.entries[max(count - 1, 0)].epoch)
        story_so_far = Story()
        story_so_far.session, story_so_far.entries = part, story.entries[:count]
        told = story_so_far.record()
        known = {(one.step, one.number): one for one in whole.attempts}
        assert all(known[one.step, one.number].started_ns == one.started_ns for one in told.attempts)


def killed_at_once() -> Story:
    """Nothing was heard of the worker after its step began, at 2; the next one came at 20."""
    story = Story().run(0)
    story.start("submit_swap#1", 2)
    story.take_over(20, "submit_swap#1", heard=2)
    return story.end(30)


@pytest.mark.parametrize(
    ("seen", "ended"),
    [(None, 2), (4.5, 4.5), (1, 2), (25, 20)],
    ids=["nothing seen", "a tool ended", "before it", "after the next worker"],
)
def test_what_ended_inside_of_a_killed_attempt_is_a_sign_of_life(seen: float | None, ended: float):
    story = killed_at_once()
    signs = {} if seen is None else {step_span_id("s-1", "submit_swap#1", 1): at(seen)}
    record = told(story.session, story.entries, signs)
    assert record.attempts[0].ended_ns == at(ended)
    assert [gap.start_ns for gap in record.gaps] == [at(ended)] * (ended < 20)
