"""The spans of a run, made from its journal."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reev_flow.collect.assemble import assemble, assemble_one
from reev_flow.collect.journal_spans import spans_of
from reev_flow.collect.normalize import normalize
from reev_flow.sessions.state import SessionState
from reev_flow.trace.run import Attempt, Outcome, RunRecord, flow_span_id, step_span_id
from reev_flow.trace.span import Flag, Operation, Span, Status
from support.journals import Story, asked_and_answered, at, killed_and_resumed
from support.secrets import TOKENS


def named(story: Story, name: str) -> Span:
    return next(span for span in spans_of(story.record()) if span.label == name)


def in_doubt(*, happened: bool) -> Story:
    story = Story().run()
    story.start("pay#1", 1)
    story.take_over(20, "pay#1", heard=3)
    story.settle("pay#1", 21, happened=happened, result="paid")
    return story


def test_the_flow_is_the_root_from_its_first_start_to_its_end():
    span = named(killed_and_resumed(), "swap_then_lend")
    assert (span.span_id, span.parent_id, span.operation) == (flow_span_id("s-1"), None, Operation.FLOW)
    assert (span.start_ns, span.end_ns) == (at(0), at(30))
    assert (span.input, span.output) == ('{"*":[250],"asset":"USDC"}', '{"status":"done"}')


def test_every_attempt_is_a_child_of_the_flow():
    flow, *others = spans_of(killed_and_resumed().record())
    assert {span.parent_id for span in others} == {flow.span_id}
    assert {span.trace_id for span in others} == {"7" * 32}


def test_an_attempt_has_the_id_that_was_known_before_it_ran():
    ids = {span.span_id for span in spans_of(killed_and_resumed().record())}
    assert {step_span_id("s-1", "submit_swap#1", number) for number in (1, 2)} <= ids


def test_a_step_says_which_it_is():
    attributes = named(killed_and_resumed(), "deposit").attributes
    assert attributes["reev.session.id"] == "s-1"
    assert attributes["reev.step.id"] == "deposit[0xabc]"
    assert attributes["reev.step.attempt"] == 1
    assert attributes["reev.step.effect"] == "ask"
    assert attributes["reev.outcome"] == "finished"


def test_a_tool_tells_its_arguments_and_its_result():
    span = named(killed_and_resumed(), "get_quote")
    assert (span.operation, span.input, span.output) == (Operation.TOOL, [250], {"price": 1.5})


def test_a_killed_attempt_is_marked_interrupted():
    killed, again = (span for span in spans_of(killed_and_resumed().record()) if span.label == "submit_swap")
    assert (killed.status, killed.status_message) == (Status.ERROR, "interrupted")
    assert killed.attributes["reev.outcome"] == "interrupted"
    assert again.status is Status.UNSET


def test_the_time_without_a_worker_is_a_span():
    span = named(killed_and_resumed(), "down")
    assert (span.start_ns, span.end_ns) == (at(5), at(20))
    assert (span.attributes["reev.gap"], span.attributes["reev.reason"]) == ("down", "its worker is gone")


def test_a_question_tells_how_long_the_run_waited():
    span = named(asked_and_answered(), "ask")
    assert (span.start_ns, span.end_ns) == (at(1), at(3_601))
    assert (span.input, span.output) == ("buy offer 7 for 30 €?", "true")
    assert (span.attributes["reev.gap"], span.attributes["reev.by"]) == ("waiting", "ada")


def test_an_open_question_and_its_run_are_unfinished():
    story = Story().run()
    story.ask("ask#1", 1, "well?")
    assert all(span.flags == {Flag.UNFINISHED} for span in spans_of(story.record()))


def test_a_step_that_raised_failed_with_its_error():
    story = Story().run()
    story.start("pay#1", 1)
    story.fail("pay#1", 2, FileNotFoundError("no such file"))
    span = named(story, "pay")
    assert (span.status, span.status_message) == (Status.ERROR, "FileNotFoundError: no such file")
    assert span.attributes["error.type"] == "FileNotFoundError"


def test_an_interrupted_attempt_that_happened_did_not_fail():
    span = named(in_doubt(happened=True), "pay")
    assert (span.status, span.output) == (Status.UNSET, "paid")
    assert (span.attributes["reev.outcome"], span.attributes["reev.settled"]) == ("interrupted", "happened")


def test_an_interrupted_attempt_that_did_not_happen_failed():
    assert named(in_doubt(happened=False), "pay").status is Status.ERROR


def test_a_cancelled_step_says_so():
    story = Story().run()
    story.start("pay#1", 1)
    story.stop("pay#1", 2, reason="cancelled")
    assert named(story, "pay").status_message == "cancelled"


def test_a_stopped_step_says_why():
    story = Story().run()
    story.start("pay#1", 1)
    story.stop("pay#1", 2, reason="the session ran too long")
    assert named(story, "pay").status_message == "interrupted: the session ran too long"


ENDS = [
    (SessionState.COMPLETED, "", Status.UNSET, ""),
    (SessionState.FAILED, "ValueError: no", Status.ERROR, "ValueError: no"),
    (SessionState.FAILED, "", Status.ERROR, "failed"),
    (SessionState.CANCELLED, "no longer wanted", Status.ERROR, "cancelled: no longer wanted"),
    (SessionState.TIMED_OUT, "", Status.ERROR, "timed out"),
]


def test_the_flow_ends_as_its_session_did():
    for state, error, status, message in ENDS:
        span = named(Story().run().end(5, state, error=error), "swap_then_lend")
        assert (span.status, span.status_message, span.attributes["reev.session.state"]) == (status, message, state)


def test_the_spans_mean_what_a_reader_of_their_attributes_understands():
    for story in (killed_and_resumed(), asked_and_answered(), in_doubt(happened=True)):
        for span in spans_of(story.record()):
            bare = Span(**{name: getattr(span, name) for name in RECEIVED})
            assert normalize(bare) == span


RECEIVED = Span.__struct_fields__[: Span.__struct_fields__.index("operation")]


def test_text_that_cannot_be_encoded_is_mended():
    record = killed_and_resumed().record()
    attempts = tuple(replace(attempt, name="a\ud800", result="\ud800") for attempt in record.attempts)
    for span in spans_of(replace(record, flow="a\ud800", attempts=attempts)):
        assert f"{span.name}{span.attributes}".encode()


def test_a_journal_may_keep_secrets_and_its_spans_may_not():
    secret = TOKENS["OpenAI"]
    attempt = Attempt(
        step="s",
        name="s",
        number=1,
        started_ns=2,
        arguments={"key": secret},
        result=secret,
        outcome=Outcome.FAILED,
        error_message=secret,
    )
    told = RunRecord(
        session_id="s-1",
        flow="f",
        trace_id="a" * 32,
        state="failed",
        started_ns=1,
        attempts=(attempt,),
        arguments=[secret],
        error=secret,
    )
    assert secret not in repr(spans_of(told))


@given(st.data())
def test_a_run_told_bit_by_bit_is_the_run_told_at_once(data: st.DataObject):
    """What was shown while it ran merges with what is shown in the end, in any order."""
    story = data.draw(st.sampled_from([killed_and_resumed, asked_and_answered]))()
    whole = spans_of(story.record())
    parts = [span for count in range(1, len(story.entries)) for span in spans_of(as_of(story, count).record())]
    mixed = data.draw(st.permutations([*parts, *whole]))
    assert assemble_one(mixed) == assemble_one(whole)


def as_of(story: Story, count: int) -> Story:
    """After so many entries, while its worker lived."""
    earlier = Story(story.session.session_id, flow=story.session.flow)
    earlier.entries = story.entries[:count]
    earlier.session = replace(story.session, state=SessionState.RUNNING, ended_ns=None, result=b"", epoch=1)
    earlier.session = replace(earlier.session, epoch=earlier.entries[-1].epoch)
    return earlier


def test_runs_of_several_sessions_stay_apart():
    spans = [
        *spans_of(killed_and_resumed().record()),
        *spans_of(replace(asked_and_answered().record(), session_id="s-2", trace_id="8" * 32)),
    ]
    assert [trace.name for trace in assemble(spans)] == ["swap_then_lend", "buy"]


def test_every_way_to_end_is_told():
    assert {outcome.value for outcome in Outcome} == {"finished", "failed", "interrupted", "waiting", "running"}
