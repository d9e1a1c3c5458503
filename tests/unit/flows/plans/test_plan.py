"""Plans as data: their digest, and that they survive being written."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reev_flow.flows.plans.checks import check_plan
from reev_flow.flows.plans.plan import AtomicMode, DynamicFlowPlan, RecoveryStrategy, RetryStep, decode_plan
from support.plan_texts import plans
from support.plans import plan, step

PLAN = plan(
    step("quote", prompt_template="the price of {amount}", required_tools=("get_quote", "list_venues")),
    step(
        "swap", "quote", recovery_strategies=(RecoveryStrategy.retry(attempts=5), RecoveryStrategy.ask("Swap again?"))
    ),
    step("lend", "quote", "swap"),
    context={"amount": 3, "venue": "north"},
    metadata={"tags": ["swap"]},
)

CHANGES = {
    "another flow": {"flow_id": "other"},
    "another wish": {"user_prompt": "lend it all"},
    "another mode": {"atomic_mode": AtomicMode.LENIENT},
    "another effect": {"on_interrupt": "rerun"},
    "other context": {"context": {"amount": 4, "venue": "north"}},
    "another type in the context": {"context": {"amount": 3.0, "venue": "north"}},
    "one step less": {"steps": PLAN.steps[:2]},
    "another order of steps": {"steps": (PLAN.steps[1], PLAN.steps[0], PLAN.steps[2])},
    "another prompt": {"steps": (replace(PLAN.steps[0], prompt_template="its price"), *PLAN.steps[1:])},
    "another strategy": {"steps": (PLAN.steps[0], replace(PLAN.steps[1], recovery_strategies=()), PLAN.steps[2])},
    "a named alternative": {"alternative_flows": (plan(step("wait"), flow_id="wait"),)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_digest_changes_with_what_the_plan_means(change):
    assert replace(PLAN, **change).digest() != PLAN.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"tags": ["lend"]}},
        {"context": {"venue": "north", "amount": 3}},
        {"steps": [*PLAN.steps]},
        {"steps": (replace(PLAN.steps[0], required_tools=("list_venues", "get_quote")), *PLAN.steps[1:])},
        {"steps": (*PLAN.steps[:2], replace(PLAN.steps[2], depends_on=["swap", "quote"]))},
    ],
    ids=["metadata", "order of context", "a list of steps", "order of tools", "order of dependencies"],
)
def test_the_digest_does_not_change_with_how_the_plan_is_written(change):
    assert replace(PLAN, **change).digest() == PLAN.digest()


def test_a_whole_number_of_seconds_is_no_other_number():
    whole = plan(step("a", recovery_strategies=(RetryStep(wait_seconds=1, factor=2, most_seconds=60),)))
    assert whole.digest() == plan(step("a", recovery_strategies=(RetryStep(),))).digest()


def test_the_digest_is_the_same_in_every_release():
    assert PLAN.digest().hex() == "01804e934c46ef36fc215341f194a8dd7a"


@settings(max_examples=40)
@given(plans())
def test_a_plan_that_was_stored_is_read_as_it_was(work: DynamicFlowPlan):
    assert decode_plan(work.encoded()) == work


@settings(max_examples=40)
@given(plans(), st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_fields(work: DynamicFlowPlan, random):
    fields = msgspec.to_builtins(work)
    shuffled = dict(random.sample(sorted(fields.items()), len(fields)))
    assert msgspec.convert(shuffled, DynamicFlowPlan).digest() == work.digest()


@settings(max_examples=40)
@given(plans())
def test_a_sound_plan_is_found_sound_and_stays_as_it_is(work: DynamicFlowPlan):
    assert check_plan(work) == work


@settings(max_examples=40)
@given(plans(), st.data())
def test_a_step_that_is_not_critical_any_more_makes_another_plan(work: DynamicFlowPlan, data: st.DataObject):
    number = data.draw(st.integers(0, len(work.steps) - 1))
    changed = replace(work.steps[number], critical=not work.steps[number].critical)
    steps = (*work.steps[:number], changed, *work.steps[number + 1 :])
    assert replace(work, steps=steps).digest() != work.digest()


def test_strategies_are_found_by_kind():
    retry, alternative = RecoveryStrategy.retry(attempts=5), RecoveryStrategy.alternative_flow(step("b"))
    assert step("a", recovery_strategies=(retry, alternative)).retry == retry
    assert step("a", recovery_strategies=(retry, alternative)).alternative == alternative
    assert step("a", recovery_strategies=(retry, alternative)).question is None
