"""A plan that would not do what it says is refused before anything runs, in one line that says where and what to do."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from reev_flow.errors import InvalidPlan
from reev_flow.flows.plans.checks import MOST_LEVELS, MOST_STEPS, check_plan
from reev_flow.flows.plans.plan import (
    AlternativeFlow,
    AtomicMode,
    DynamicFlowPlan,
    DynamicStep,
    RecoveryStrategy,
    RetryStep,
)
from support.plans import plan, step

retry, ask, instead = RecoveryStrategy.retry, RecoveryStrategy.ask, RecoveryStrategy.alternative_flow


def recovering(*strategies: Any, **facts: Any) -> DynamicFlowPlan:
    return plan(step("a", recovery_strategies=strategies), **facts)


def refusal(work: Any) -> str:
    with pytest.raises(InvalidPlan) as refused:
        check_plan(work)
    assert "\n" not in str(refused.value)
    return str(refused.value)


REFUSED = {
    "no steps": (plan(), "plan 'trip': steps: there are no steps; list at least one"),
    "one id twice": (
        plan(step("a"), step("b"), step("a")),
        "steps[2].step_id: the step 'a' stands twice, first as steps[0]; rename one of them",
    ),
    "a cycle": (
        plan(step("a", "c"), step("b", "a"), step("c", "b")),
        "steps[0].depends_on: these steps wait for each other: a → c → b → a; let one of them not wait",
    ),
    "waiting for itself": (plan(step("a", "a")), "steps[0].depends_on[0]: the step 'a' waits for itself; remove it"),
    "waiting for nobody": (
        plan(step("quote"), step("swap", "qoute")),
        "steps[1].depends_on[0]: there is no step 'qoute' in this list; did you mean quote?",
    ),
    "waiting twice": (plan(step("a"), step("b", "a", "a")), "depends_on[1]: the step 'a' is named twice"),
    "an id that is no name": (plan(step("1a")), "steps[0].step_id: is the text '1a'; begin with a letter"),
    "an id with a dot": (plan(step("a.b")), "is the text 'a.b'"),
    "an id that is too long": (plan(step("a" * 201)), "…; begin with a letter"),
    "a flow without a name": (plan(step("a"), flow_id=""), "plan '': flow_id: is the text ''; use letters"),
    "an id of the context": (plan(step("a"), context={"a": 1}), "'a' is also a value of the context"),
    "a value that is no JSON": (plan(step("a"), context={"x": [float("nan")]}), "context.x: is not JSON"),
    "an unknown placeholder": (
        plan(step("a", prompt_template="{amont}"), context={"amount": 1}),
        "prompt_template: {amont} is neither a step before this one nor a value of the context; did you mean amount?",
    ),
    "a placeholder and no context": (plan(step("a", prompt_template="{x}")), "put it into the plan's context, or"),
    "a field the context lacks": (
        plan(step("a", prompt_template="{wallet.usd}"), context={"wallet": {"sol": 1}}),
        "{wallet.usd}: wallet has no 'usd' (it has sol); correct it, or the context",
    ),
    "a step it does not wait for": (
        plan(step("a"), step("b", prompt_template="{a}")),
        "steps[1].prompt_template: {a} names a step that this one does not wait for; add a to its depends_on",
    ),
    "a step after it": (
        plan(step("a", prompt_template="{b}"), step("b", "a")),
        "{b} names a step that this one does not wait for",
    ),
    "a single brace": (plan(step("a", prompt_template="{")), "a single { at character 1; write {{ and }}"),
    "a question with an unknown placeholder": (
        recovering(ask("{x}?")),
        "recovery_strategies[0].question: {x} is neither",
    ),
    "no time": (
        plan(step("a", timeout_seconds=0)),
        "timeout_seconds: is the number 0.0; write a number of more than 0",
    ),
    "endless time": (plan(step("a", timeout_seconds=float("inf"))), "is the number inf"),
    "time that is no number": (plan(step("a", timeout_seconds=float("nan"))), "is the number nan"),
    "less than no estimate": (
        plan(step("a", estimated_time_seconds=-1)),
        "is the number -1.0; write a number of at least 0",
    ),
    "no attempts": (
        recovering(retry(attempts=0)),
        "attempts: is the number 0; write a number of at least 1 and at most 100",
    ),
    "many attempts": (recovering(retry(attempts=2**62)), "attempts: is a very large number"),
    "a negative wait": (recovering(retry(wait_seconds=-1)), "wait_seconds: is the number -1.0"),
    "a wait that shrinks": (recovering(retry(factor=0.5)), "factor: is the number 0.5; write a number of at least 1"),
    "strategies in another order": (
        recovering(ask(), retry()),
        "in the order retry, alternative_flow, ask, each at most once",
    ),
    "one kind twice": (recovering(retry(), retry()), "each at most once"),
    "an alternative of nothing": (recovering(instead()), "either steps or a flow_id; give one of the two"),
    "an alternative of both": (recovering(instead(step("b"), flow_id="x")), "either steps or a flow_id"),
    "an alternative that is not there": (
        recovering(instead(flow_id="wiat"), alternative_flows=(plan(step("b"), flow_id="wait"),)),
        "flow_id: the plan has no alternative flow 'wiat'; did you mean wait?",
    ),
    "an alternative of no alternatives": (recovering(instead(flow_id="wait")), "; list it under alternative_flows"),
    "a mode for a named alternative": (
        recovering(
            AlternativeFlow(flow_id="wait", atomic_mode=AtomicMode.LENIENT),
            alternative_flows=(plan(step("b"), flow_id="wait"),),
        ),
        "has a mode of its own",
    ),
    "an alternative with the plan's name": (
        plan(step("a"), alternative_flows=(plan(step("b")),)),
        "alternative_flows[0].flow_id: the flow 'trip' stands twice",
    ),
    "alternatives of an alternative": (
        plan(
            step("a"),
            alternative_flows=(plan(step("b"), flow_id="x", alternative_flows=(plan(step("c"), flow_id="y"),)),),
        ),
        "alternative_flows[0].alternative_flows: an alternative flow has some of its own; list them all in the outermost",
    ),
    "alternatives in a circle": (
        plan(
            step("a"),
            alternative_flows=(
                plan(step("b", recovery_strategies=(instead(flow_id="y"),)), flow_id="x"),
                plan(step("c", recovery_strategies=(instead(flow_id="x"),)), flow_id="y"),
            ),
        ),
        "alternative_flows[0]: alternative flows lead back to themselves: x → y → x",
    ),
    "a bad step in an alternative": (
        recovering(instead(step("b", "nobody"))),
        "steps[0].recovery_strategies[0].steps[0].depends_on[0]: there is no step 'nobody'",
    ),
    "a bad step in a named alternative": (
        plan(step("a"), alternative_flows=(plan(step("b", "b"), flow_id="x"),)),
        "alternative_flows[0].steps[0].depends_on[0]: the step 'b' waits for itself",
    ),
    "an alternative step of an outer name": (
        recovering(instead(step("a"))),
        "a step of a flow around this one is called 'a' too",
    ),
    "an alternative that names the step it replaces": (
        recovering(instead(step("b", prompt_template="{a}"))),
        "{a} is neither a step before this one",
    ),
    "a named alternative that names an outer step": (
        plan(
            step("a"),
            step("b", "a", recovery_strategies=(instead(flow_id="x"),)),
            alternative_flows=(plan(step("c", prompt_template="{a}"), flow_id="x"),),
        ),
        "alternative_flows[0].steps[0].prompt_template: {a} is neither",
    ),
    "half a character": (plan(step("a", description="\ud800")), "has half of a surrogate pair"),
    "a function in the context": (plan(step("a"), context={"x": print}), "it holds what is no plan data"),
    "a word that is no mode": (plan(step("a"), atomic_mode="strikt"), "write one of strict, lenient, conditional"),
    "a word that is no effect": (plan(step("a", on_interrupt="again")), "steps[0].on_interrupt: is the text 'again'"),
    "a text for a switch": (plan(step("a", critical="no")), "steps[0].critical: is the text 'no'; write true or false"),
    "a word for a list": (plan(step("a", required_tools="b")), "required_tools: is the text 'b'; write a list"),
    "something else": (3, "is the number 3; write a mapping of fields"),
}


@pytest.mark.parametrize(("work", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(work: Any, told: str):
    assert told in refusal(work)


def test_the_error_holds_its_facts():
    with pytest.raises(InvalidPlan) as refused:
        check_plan(plan(step("a", "a")))
    error = refused.value
    assert (error.source, error.field, error.line) == ("plan 'trip'", "steps[0].depends_on[0]", None)
    assert error.advice == "remove it"


def test_more_steps_than_a_plan_may_have_are_refused():
    many = tuple(step(f"s{number}") for number in range(MOST_STEPS + 1))
    assert "more than 1,000 steps in all" in refusal(plan(*many))


def test_steps_of_alternatives_count():
    inner = tuple(step(f"s{number}") for number in range(MOST_STEPS))
    assert "more than 1,000 steps in all" in refusal(recovering(instead(*inner)))


def nested(levels: int) -> DynamicStep:
    inner = step("s")
    for level in range(levels):
        inner = step(f"s{level}", recovery_strategies=(instead(inner),))
    return inner


def test_alternatives_nest_up_to_a_bound():
    assert check_plan(plan(nested(MOST_LEVELS)))
    assert f"inside {MOST_LEVELS} other alternative flows" in refusal(plan(nested(MOST_LEVELS + 1)))


def test_alternatives_inside_a_thousand_others_are_refused_all_the_same():
    assert "nested too deeply" in refusal(plan(nested(2_000)))


def test_a_context_that_holds_itself_is_refused():
    context: dict[str, Any] = {}
    context["x"] = context
    assert "nested too deeply" in refusal(plan(step("a"), context=context))


def test_a_large_plan_is_checked_in_no_time():
    chain = [step("s0")] + [
        step(f"s{number}", f"s{number - 1}", prompt_template=f"{{s{number - 1}}}") for number in range(1, 1_000)
    ]
    assert check_plan(plan(*chain))


def test_templates_may_name_what_comes_before_also_indirectly_and_the_wish():
    first, then = step("a"), step("b", "a")
    last = step("c", "b", prompt_template="{user_prompt}: {a.x.0} {b} {amount}")
    assert check_plan(plan(first, then, last, user_prompt="swap", context={"amount": 3}))


def test_an_alternative_may_name_what_its_step_may_name():
    other = instead(step("x", prompt_template="{a}"), step("y", "x", prompt_template="{a} {x}"))
    assert check_plan(plan(step("a"), step("b", "a", recovery_strategies=(other,))))


def test_a_named_alternative_sees_both_contexts():
    work = recovering(
        instead(flow_id="x"),
        context={"amount": 3},
        alternative_flows=(
            plan(step("b", prompt_template="{amount} {venue}"), flow_id="x", context={"venue": "north"}),
        ),
    )
    assert check_plan(work)


def test_a_plan_made_in_code_becomes_what_a_file_would_give():
    made = plan(
        step("a", recovery_strategies=[RetryStep(wait_seconds=1)]),
        context={"when": datetime(2026, 1, 2, tzinfo=UTC), "tags": {"b", "a"}, "pair": (1, 2)},
    )
    read = check_plan(replace(made, steps=[*made.steps]))
    assert read.context == {"when": "2026-01-02T00:00:00Z", "tags": ["a", "b"], "pair": [1, 2]}
    assert type(read.steps[0].recovery_strategies) is tuple
