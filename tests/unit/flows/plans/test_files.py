"""Plans are read from YAML and JSON; what is wrong is told with file, line and field."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.errors import InvalidPlan
from reev_flow.flows.plans.files import MOST_BYTES, load_plan, plan_as_yaml, read_plan
from reev_flow.flows.plans.plan import AlternativeFlow, AtomicMode, DynamicFlowPlan, RecoveryStrategy, RetryStep
from reev_flow.flows.plans.yaml_text import resolve_plain
from support.plan_texts import plans
from support.plans import plan, step

YAML = """
    # what a person might write
    flow_id: swap_then_lend
    user_prompt: >
      swap half of it,
      then lend
    atomic_mode: conditional
    context: {amount: 1.5, venue: north}
    steps:
      - step_id: quote
        prompt_template: Get a price for {amount} at {venue}.
        required_tools: [get_quote]
        on_interrupt: rerun
      - step_id: swap
        depends_on: [quote]
        prompt_template: "Swap along {quote.route}"
        timeout_seconds: 30
        recovery_strategies: &recovery
          - kind: retry
            attempts: 5
          - kind: alternative_flow
            steps:
              - step_id: other_venue
                prompt_template: "{quote}"
          - kind: ask
            question: The price moved. Again?
      - step_id: lend
        critical: false
        depends_on:
          - swap
    metadata: {version: 1.0}
"""


def read(text: str, **options: Any) -> DynamicFlowPlan:
    return read_plan(dedent(text).lstrip("\n").encode(), source="plan.yaml", **options)


def refusal(text: str | bytes, **options: Any) -> str:
    data = text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode()
    with pytest.raises(InvalidPlan) as refused:
        read_plan(data, source="plan.yaml", **options)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_plan_is_read_from_yaml():
    other = AlternativeFlow(steps=(step("other_venue", prompt_template="{quote}"),))
    assert read(YAML) == plan(
        step(
            "quote",
            prompt_template="Get a price for {amount} at {venue}.",
            required_tools=("get_quote",),
            on_interrupt="rerun",
        ),
        step(
            "swap",
            "quote",
            prompt_template="Swap along {quote.route}",
            timeout_seconds=30.0,
            recovery_strategies=(RetryStep(attempts=5), other, RecoveryStrategy.ask("The price moved. Again?")),
        ),
        step("lend", "swap", critical=False),
        flow_id="swap_then_lend",
        user_prompt="swap half of it, then lend\n",
        atomic_mode=AtomicMode.CONDITIONAL,
        context={"amount": 1.5, "venue": "north"},
        metadata={"version": 1.0},
    )


def test_json_with_tabs_is_read_as_json(tmp_path: Path):
    path = tmp_path / "plan.JSON"
    path.write_text(json.dumps(msgspec.to_builtins(read(YAML)), indent="\t"), encoding="utf-8")
    assert load_plan(path) == read(YAML)


def test_a_byte_order_mark_is_no_trouble():
    assert read_plan(b"\xef\xbb\xbf" + dedent(YAML).encode()) == read(YAML)


def test_lines_may_end_as_on_windows():
    assert read_plan(dedent(YAML).replace("\n", "\r\n").encode()) == read(YAML)


@settings(max_examples=60)
@given(plans())
def test_a_plan_that_was_written_as_yaml_is_read_as_it_was(work: DynamicFlowPlan):
    assert read_plan(plan_as_yaml(work).encode()) == work


@settings(max_examples=40)
@given(plans())
def test_a_plan_that_was_written_as_json_is_read_as_it_was(work: DynamicFlowPlan):
    assert read_plan(work.encoded(), is_json=True) == work


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_yaml(text: str):
    work = plan(step("a"), context={"x": text})
    assert read_plan(plan_as_yaml(work).encode()) == work


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "on", "null", "~", "12:30", "2026-01-02", "007", "1_000", "0o17", "0x1f", "1e3", ".5", "-.inf", "<<"],
)
def test_words_that_look_like_something_else_survive_yaml(text: str):
    work = plan(step("a"), context={"x": text, "y": f"{text}\n{text}\n"})
    assert read_plan(plan_as_yaml(work).encode()) == work


def test_yaml_leaves_defaults_out():
    assert plan_as_yaml(plan(step("a", prompt_template="say\nhi\n"))) == dedent("""\
        flow_id: trip
        steps:
        - step_id: a
          prompt_template: |
            say
            hi
        """)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("true", True),
        ("", None),
        ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"),
        ("007", "007"),
        ("-7", -7),
        ("+7", 7),
        ("0", 0),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1_000", "1_000"),
        ("-.INF", -float("inf")),
        ("1.2.3", "1.2.3"),
    ],
)
def test_plain_words_mean_what_json_and_yaml_1_2_say(text: str, value: Any):
    assert resolve_plain(text) == value
    assert type(resolve_plain(text)) is type(value)


WRONG = {
    "a wrong type": (
        "flow_id: x\nsteps:\n- step_id: a\n  critical: no\n",
        "plan.yaml:4: steps[0].critical: is the text 'no'; write true or false",
    ),
    "a number for a name": ("flow_id: 12\nsteps: []", "plan.yaml:1: flow_id: is the number 12; put it in quotes"),
    "a switch for a name": ("flow_id: true\nsteps: []", "plan.yaml:1: flow_id: is true; put it in quotes"),
    "nothing for a name": ("flow_id:\nsteps: []", "plan.yaml:1: flow_id: is nothing; write text"),
    "a huge number": (
        f"flow_id: x\nsteps:\n- step_id: {9**99}",
        "plan.yaml:3: steps[0].step_id: is a very large number",
    ),
    "a text for a list": (
        "flow_id: x\nsteps:\n- step_id: a\n  depends_on: b",
        "plan.yaml:4: steps[0].depends_on: is the text 'b'; write a list",
    ),
    "a list for a plan": ("- flow_id: x", "plan.yaml:1: is a list; write a mapping of fields"),
    "an unknown field": (
        "flow_id: x\nsteps:\n- step_id: a\n  # a remark\n  promt_template: go\n",
        "plan.yaml:5: steps[0].promt_template: there is no such field; did you mean prompt_template?",
    ),
    "an unknown field of the plan": (
        "flow_id: x\nsteps: []\nzzz: 1",
        "plan.yaml:3: zzz: there is no such field; known are flow_id, user_prompt, steps, context, atomic_mode",
    ),
    "an unknown field of a strategy": (
        "flow_id: x\nsteps:\n- step_id: a\n  recovery_strategies:\n  - {kind: ask, qestion: why}",
        "plan.yaml:5: steps[0].recovery_strategies[0].qestion: there is no such field; did you mean question?",
    ),
    "an unknown field of an alternative": (
        "flow_id: x\nsteps: []\nalternative_flows:\n- flow: y",
        "plan.yaml:4: alternative_flows[0].flow: there is no such field; did you mean flow_id?",
    ),
    "a missing field": ("steps:\n- step_id: a", "plan.yaml:1: the field 'flow_id' is missing; add `flow_id`"),
    "a missing field of a step": (
        "flow_id: x\nsteps:\n- step_id: a\n- prompt_template: b",
        "plan.yaml:4: steps[1]: the field 'step_id' is missing; add `step_id`",
    ),
    "a strategy of no kind": (
        "flow_id: x\nsteps:\n- step_id: a\n  recovery_strategies:\n  - attempts: 3",
        "plan.yaml:5: steps[0].recovery_strategies[0]: the field 'kind' is missing; add it: one of retry,",
    ),
    "a strategy of another kind": (
        "flow_id: x\nsteps:\n- step_id: a\n  recovery_strategies:\n  - kind: again",
        "plan.yaml:5: steps[0].recovery_strategies[0].kind: is the text 'again'; write one of retry, alternative_flow, ask",
    ),
    "a bad word": (
        "flow_id: x\natomic_mode: strikt\nsteps:\n- step_id: a",
        "plan.yaml:2: atomic_mode: is the text 'strikt'; write one of strict, lenient, conditional",
    ),
    "a cycle": (
        "flow_id: x\nsteps:\n- step_id: a\n  depends_on: [b]\n- step_id: b\n  depends_on:\n  - a\n",
        "plan.yaml:4: steps[0].depends_on: these steps wait for each other: a → b → a",
    ),
    "a cycle inside an alternative": (
        "flow_id: x\nsteps:\n- step_id: a\n  recovery_strategies:\n  - kind: alternative_flow\n    steps:\n    - step_id: b\n      depends_on: [b]",
        "plan.yaml:8: steps[0].recovery_strategies[0].steps[0].depends_on[0]: the step 'b' waits for itself",
    ),
    "a field that is not there": (
        "flow_id: x\nsteps: []\n",
        "plan.yaml:2: steps: there are no steps; list at least one",
    ),
    "one key twice": (
        "flow_id: x\nsteps:\n- step_id: a\n  step_id: b\n",
        "plan.yaml:4: the key 'step_id' stands twice, first on line 3; keep one of them",
    ),
    "a key that is no text": ("1: x", "plan.yaml:1: a key that is not text; put it in quotes"),
    "a key that is a list": ("[a]: x", "plan.yaml:1: a key that is not text"),
    "an empty file": ("", "plan.yaml: the file is empty; begin with `flow_id:` and `steps:`"),
    "remarks alone": ("# nothing yet\n", "plan.yaml: the file is empty"),
    "two documents": (
        "flow_id: x\n---\nflow_id: y\n",
        "plan.yaml:2: a second document begins; keep one plan in a file",
    ),
    "a tab": (
        "flow_id: x\nsteps:\n\t- step_id: a",
        "plan.yaml:3: found character that cannot start any token; indent with spaces",
    ),
    "a missing quote": (
        "flow_id: 'x\nsteps: []",
        "check the indentation, and put text with : # { } or quotes in it in quotes",
    ),
    "a placeholder without quotes": ("flow_id: x\nsteps:\n- step_id: a\n  prompt_template: {a} b", "plan.yaml:4: "),
    "a control character": (
        "flow_id: x\nuser_prompt: \a",
        "plan.yaml:2: there is a control character, U+0007; remove it",
    ),
    "a Python object": (
        "flow_id: !!python/object/apply:os.system [ls]",
        "plan.yaml:1: the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not allowed; remove it",
    ),
    "a repeat of nothing": ("flow_id: *x", "plan.yaml:1: *x repeats what is not there; put &x before it"),
    "a value inside itself": ("steps: &x [*x]", "plan.yaml:1: *x repeats what is not there"),
    "many levels": ("x: " + "[" * 100_000, "plan.yaml:1: nested deeper than 60 levels"),
    "a number of many digits": ("x: " + "1" * 5_000, "plan.yaml:1: a number of too many digits; put it in quotes"),
    "half a character": ('x: "\\ud800"', "plan.yaml:1: "),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_in_yaml_is_told_with_its_line(text: str, told: str):
    assert told in refusal(text)


WRONG_JSON = {
    "an empty file": (" ", "plan.yaml: the file is empty"),
    "an open bracket": ('{"flow_id":\n', "plan.yaml:2: this is not JSON: Expecting value; correct it, or write YAML"),
    "a comma too many": ('{"flow_id": "x",\n}', "plan.yaml:2: this is not JSON: "),
    "a wrong type": (
        '{\n"flow_id": "x",\n"steps": [\n{"step_id": 1}]}',
        "plan.yaml:4: steps[0].step_id: is the number 1; put",
    ),
    "an unknown field": (
        '{"flow_id": "a:b{[",\n"steps": [],\n"stpes": []}',
        "plan.yaml:3: stpes: there is no such field; did you",
    ),
    "one key twice": (
        '{"flow_id": "x",\n"flow_id": "y"}',
        "plan.yaml:2: the key 'flow_id' stands twice, first on line 1",
    ),
    "no number": ('{"flow_id": "NaN",\n"x": NaN}', "plan.yaml:2: NaN is not JSON; write a number"),
    "a number of many digits": (
        '{"x":\n' + "1" * 5_000 + "}",
        "plan.yaml:2: a number of too many digits; write it as text",
    ),
    "many levels": ("[" * 100_000, "plan.yaml: nested too deeply"),
    "levels that can be read": ("[" * 100 + "]" * 100, "plan.yaml:1: nested deeper than 60 levels"),
    "half a character": ('{"flow_id":\n"\\ud800"}', "plan.yaml:2: text with half of a surrogate pair"),
}


@pytest.mark.parametrize(("text", "told"), WRONG_JSON.values(), ids=WRONG_JSON.keys())
def test_what_is_wrong_in_json_is_told_with_its_line(text: str, told: str):
    assert told in refusal(text, is_json=True)


def test_text_that_is_not_utf_8_is_told_with_its_line():
    assert (
        refusal(b"flow_id: x\nuser_prompt: caf\xe9\n")
        == "plan.yaml:2: the byte 0xe9 is not UTF-8; save the file as UTF-8"
    )


def test_repeats_of_repeats_are_counted():
    levels = [f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10)}]" for level in range(1, 9)]
    assert "more than 100,000 values, repeated ones counted" in refusal("\n".join(["l0: &l0 [x]", *levels]))


def test_repeated_steps_stand_where_they_were_written():
    text = """
        flow_id: x
        steps:
        - step_id: a
          recovery_strategies: &again
          - kind: retry
            attempts: 0
        - step_id: b
          recovery_strategies: *again
    """
    assert refusal(text).startswith("plan.yaml:6: steps[0].recovery_strategies[0].attempts: is the number 0")


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(InvalidPlan, match=r"large\.yaml: larger than 4 MiB; a plan names its data"):
        load_plan(path)


def test_a_file_of_the_largest_size_is_read():
    text = b"flow_id: x\nsteps:\n- step_id: a\n#"
    assert read_plan(text + b"x" * (MOST_BYTES - len(text))) == plan(step("a"), flow_id="x")


@pytest.mark.parametrize("name", ["missing.yaml", "", "nul\0.yaml"])
def test_a_file_that_cannot_be_read_is_told_with_the_reason(tmp_path: Path, name: str):
    with pytest.raises(InvalidPlan, match=r"cannot be read \(.+\); give the path of a plan"):
        load_plan(tmp_path / name)


@settings(max_examples=200)
@given(data=st.binary(max_size=200), is_json=st.booleans())
def test_any_bytes_are_a_plan_or_refused(*, data: bytes, is_json: bool):
    try:
        read_plan(data, is_json=is_json)
    except InvalidPlan:
        return


@settings(max_examples=200)
@given(st.data())
def test_a_sound_file_with_a_piece_missing_or_moved_is_a_plan_or_refused(data: st.DataObject):
    text = dedent(YAML)
    start, end, place = (data.draw(st.integers(0, len(text))) for _ in range(3))
    start, end = sorted((start, end))
    piece, rest = text[start:end], text[:start] + text[end:]
    moved = data.draw(st.sampled_from(["", piece]))
    told = ""
    try:
        read_plan((rest[:place] + moved + rest[place:]).encode())
    except InvalidPlan as error:
        told = str(error)
    assert "\n" not in told
