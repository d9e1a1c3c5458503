"""Two runs laid beside each other: what counts, and what may be otherwise each time."""

from msgspec.structs import replace

from reev_flow.chaos.comparison import differences, expected_of, taken_otherwise
from reev_flow.chaos.facts import Facts, StepFacts
from reev_flow.chaos.span_facts import OwnSpan
from reev_flow.values.tagged import encode

DONE = StepFacts("finished", encode(1))
RUN = Facts(
    state="completed",
    result=encode("paid"),
    steps={"pay#1": DONE, "ship#1": DONE},
    effects=(("pay 7", "key-1"), ("ship", "key-2")),
    spans={"aa": OwnSpan("flow"), "bb": OwnSpan("step pay", "pay#1")},
    inner_spans={"pay#1": ("call the bank", "log in")},
    trace_ids=("t-1",),
)
EXPECTED = expected_of(RUN, RUN)


def lines(found: Facts) -> tuple[str, ...]:
    return differences(EXPECTED, found).lines


def test_the_same_run_does_not_differ():
    assert lines(RUN) == ()


def test_the_order_of_steps_and_effects_and_the_trace_do_not_count():
    turned = replace(
        RUN,
        steps=dict(reversed(RUN.steps.items())),
        effects=tuple(reversed(RUN.effects)),
        trace_ids=("t-2",),
        spans={**RUN.spans, "cc": OwnSpan("step pay, again", "pay#1", 2)},
    )
    assert lines(turned) == ()


def test_another_result_is_told():
    assert lines(replace(RUN, result=encode("unpaid"))) == ("the result is 'unpaid', not 'paid'",)


def test_another_end_is_told_with_its_reason():
    assert lines(replace(RUN, state="failed", error="Broke: no money")) == (
        "the session is failed (Broke: no money), not completed",
    )


def test_steps_that_are_missing_more_or_otherwise_are_told():
    steps = {"pay#1": StepFacts("finished", encode(2)), "wait#1": DONE}
    assert lines(replace(RUN, steps=steps)) == (
        "step pay#1 gave 2, not 1",
        "step ship#1 is not taken, not finished",
        "step wait#1 is finished, not not taken",
    )


def test_an_effect_that_happened_again_is_counted():
    found = differences(EXPECTED, replace(RUN, effects=(*RUN.effects, ("pay 7", "key-1"), ("pay 7", "key-1"))))
    assert found.duplicated == 2
    assert found.lines == ("effect 'pay 7' happened 2 more than it should",)


def test_an_effect_that_did_not_happen_is_told():
    assert lines(replace(RUN, effects=RUN.effects[:1])) == ("effect 'ship' is missing",)


def test_spans_that_are_lost_are_counted_and_two_traces_told():
    found = differences(EXPECTED, replace(RUN, spans={"aa": OwnSpan("flow")}, trace_ids=("t-1", "t-2")))
    assert found.lost_spans == 1
    assert found.lines == ("its spans are of 2 traces", "span 'step pay' is lost")


def test_a_store_that_cannot_be_read_is_told_once():
    broken = Facts(problem="StoreError: gone", effects=RUN.effects)
    found = differences(EXPECTED, broken)
    assert found.lines == ("the store tells nothing: StoreError: gone",)
    assert found.lost_spans == 0


def test_damage_is_told():
    assert lines(replace(RUN, damaged=("chaos",))) == ("the store says that chaos cannot be trusted",)


def test_what_is_otherwise_each_time_is_not_held_against_a_run():
    other = replace(
        RUN,
        result=encode("paid later"),
        steps={**RUN.steps, "pay#1": StepFacts("finished", encode(2))},
        effects=(("pay 8", "key-9"), ("ship", "key-2")),
    )
    expected = expected_of(RUN, other)
    third = replace(RUN, result=encode("x"), steps={**RUN.steps, "pay#1": StepFacts("finished", encode(3))})
    assert differences(expected, third).lines == ()
    assert differences(expected, replace(third, effects=(*RUN.effects, ("pay 9", "key-3")))).duplicated == 1


def test_steps_that_chance_decides_about_are_named():
    other = replace(RUN, steps={"pay#1": DONE, "wait#1": DONE})
    assert taken_otherwise(RUN, other) == ["ship#1 finished / not taken", "wait#1 not taken / finished"]


def test_a_step_that_took_fewer_attempts_this_time_has_fewer_spans():
    second = OwnSpan("step pay", "pay#1", 2)
    expected = expected_of(RUN, RUN)
    twice = replace(RUN, spans={**RUN.spans, "cc": second}, steps={**RUN.steps, "pay#1": replace(DONE, attempts=2)})
    assert differences(expected_of(twice, twice), RUN).lines == ()
    assert differences(expected_of(twice, twice), replace(twice, spans=RUN.spans)).lost_spans == 1
    assert differences(expected, twice).lines == ()


def test_what_workers_were_promised_in_vain_is_told():
    assert lines(replace(RUN, broken=("step pay#1 ran again although it had finished",))) == (
        "step pay#1 ran again although it had finished",
    )


def test_spans_that_were_acknowledged_and_are_gone_are_lost():
    found = differences(EXPECTED, replace(RUN, lost=("00f067aa0ba902b7",)))
    assert (found.lost_spans, found.lines) == (1, ("span '00f067aa0ba902b7' is lost",))


def test_spans_of_tools_may_die_with_a_worker_that_is_killed():
    found = differences(EXPECTED, replace(RUN, inner_spans={"pay#1": ("log in",)}))
    assert (found.lines, found.lost_spans, found.unkept_spans) == ((), 0, 1)


def test_spans_of_tools_are_lost_when_the_worker_ended_in_order():
    found = differences(EXPECTED, replace(RUN, inner_spans={}, in_peace=frozenset({"pay#1"})))
    assert (found.lost_spans, found.unkept_spans) == (2, 0)


def test_steps_that_one_branch_called_in_another_order_are_told():
    expected = expected_of(replace(RUN, calls=(("pay#1", "left#1/a#1", "left#1/b#1", "ship#1"),)), RUN)
    beside = replace(RUN, calls=(("left#1/a#1", "pay#1"), ("pay#1", "ship#1", "left#1/a#1", "left#1/b#1")))
    assert differences(expected, beside).lines == ()
    turned = replace(RUN, calls=(("ship#1", "pay#1", "left#1/a#1"),))
    assert differences(expected, turned).lines == ("a worker called ship#1 where pay#1 had been called",)


def test_an_effect_that_is_otherwise_each_time_does_not_hide_one_that_is_not():
    other = replace(RUN, effects=(("pay 7", "key-1"), ("ship", "key-3")))
    found = differences(expected_of(RUN, other), replace(RUN, effects=(*RUN.effects, ("pay 7", "key-1"))))
    assert found.lines == ("effect 'pay 7' happened 1 more than it should",)
