"""Any sound plan at all."""

from typing import Any

from hypothesis import strategies as st

from reev_flow.flows.plans.plan import (
    AlternativeFlow,
    AskPerson,
    AtomicMode,
    DynamicFlowPlan,
    DynamicStep,
    RetryStep,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
prose = texts.map(lambda text: text.replace("{", "{{").replace("}", "}}"))
seconds = st.floats(0, 1_000) | st.integers(0, 1_000).map(float)
some_seconds = st.floats(0.5, 1_000)
whole_numbers = st.integers(-(2**60), 2**60)
json_values = st.recursive(
    st.none() | st.booleans() | whole_numbers | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
effects: st.SearchStrategy[Any] = st.sampled_from(["ask", "rerun", "fail"])
values = st.dictionaries(texts.map(lambda text: f"value {text}"), json_values, max_size=2)
retries = st.builds(
    RetryStep,
    attempts=st.integers(1, 100),
    wait_seconds=seconds,
    factor=st.floats(1, 100),
    most_seconds=seconds,
)
questions = st.builds(AskPerson, question=prose, deadline_seconds=st.none() | some_seconds)


@st.composite
def steps(
    draw: st.DrawFn, prefix: str = "s", *, named: tuple[str, ...] = (), levels: int = 1
) -> tuple[DynamicStep, ...]:
    """Ids begin with `prefix`; `named` are alternative flows that may be named."""
    count = draw(st.integers(1, 2))
    return tuple(draw(_step(prefix, number, named=named, levels=levels)) for number in range(count))


@st.composite
def _step(draw: st.DrawFn, prefix: str, number: int, *, named: tuple[str, ...], levels: int) -> DynamicStep:
    before = [f"{prefix}{earlier}" for earlier in range(number)]
    depends_on = draw(st.lists(st.sampled_from(before), unique=True)) if before else []
    inner = steps(f"{prefix}{number}-", named=named, levels=levels - 1)
    alternatives: list[st.SearchStrategy[Any]] = (
        [st.builds(AlternativeFlow, flow_id=st.sampled_from(named))] if named else []
    )
    if levels:
        alternatives.append(
            st.builds(AlternativeFlow, steps=inner, atomic_mode=st.none() | st.sampled_from(AtomicMode))
        )
    strategies = [
        draw(st.none() | choice)
        for choice in (retries, *([st.one_of(alternatives)] if alternatives else []), questions)
    ]
    mentioned = "".join(f" {{{name}}}" for name in draw(st.lists(st.sampled_from(depends_on)))) if depends_on else ""
    return DynamicStep(
        step_id=f"{prefix}{number}",
        prompt_template=draw(prose) + mentioned,
        description=draw(texts),
        depends_on=tuple(depends_on),
        required_tools=tuple(draw(st.lists(texts, max_size=2))),
        critical=draw(st.booleans()),
        on_interrupt=draw(st.none() | effects),
        recovery_strategies=tuple(strategy for strategy in strategies if strategy is not None),
        timeout_seconds=draw(st.none() | some_seconds),
        estimated_time_seconds=draw(st.none() | seconds),
    )


@st.composite
def plans(draw: st.DrawFn) -> DynamicFlowPlan:
    named = tuple(f"other{number}" for number in range(draw(st.integers(0, 1))))
    return DynamicFlowPlan(
        flow_id=draw(
            st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,20}", fullmatch=True).filter(lambda name: name not in named)
        ),
        user_prompt=draw(texts),
        steps=draw(steps(named=named)),
        context=draw(values),
        atomic_mode=draw(st.sampled_from(AtomicMode)),
        on_interrupt=draw(effects),
        alternative_flows=tuple(
            DynamicFlowPlan(flow_id=name, steps=draw(steps()), context=draw(values)) for name in named
        ),
        metadata=draw(values),
    )
