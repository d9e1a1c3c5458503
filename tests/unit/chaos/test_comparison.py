"""Two runs laid beside each other: what counts, and what may be otherwise each time."""

from msgspec.structs import replace

from reev_flow.chaos.comparison import differences, expected_of, taken_otherwise
from reev_flow.chaos.facts import Facts, StepFacts
from reev_flow.values.tagged import encode

DONE = StepFacts("finished", encode(1))
RUN = Facts(
    state="completed",
    result=encode("paid"),
    steps={"pay#1": DONE, "ship#1": DONE},
    effects=(("pay 7", "key-1"), ("ship", "key-2")),
    spans={"aa": "flow", "bb": "step pay"},
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
        spans={**RUN.spans, "cc": "step pay, again"},
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
    found = differences(EXPECTED, replace(RUN, spans={"aa": "flow"}, trace_ids=("t-1", "t-2")))
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
