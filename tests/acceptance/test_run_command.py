"""`reev-flow run`, as installed: flows and plans from their beginning to their end or to a question."""

import json
import os
import shlex
from pathlib import Path

import pytest

from support.shopping import Shopping

PLAN = """
flow_id: trip
user_prompt: to Rome
steps:
  - step_id: search
    prompt_template: "find a way {user_prompt}"
  - step_id: book
    depends_on: [search]
    prompt_template: "book: {search}"
"""


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


def one_line(text: str) -> bool:
    return text.count("\n") == 1 and text.startswith("reev-flow: ")


def test_the_result_of_a_flow_is_printed_alone(shopping: Shopping):
    done = shopping.run("greet", "--arg", "name=ann")
    assert (done.code, done.out, done.err) == (0, "hello ann\n", "reev-flow: session greet completed\n")


def test_a_session_without_an_id_is_given_one_that_is_told_at_once(shopping: Shopping):
    done = shopping.call("run", "--app", "shop:greet", "--arg", "name=ann")
    (session,) = shopping.document("sessions", "list")["sessions"]
    assert done.err.splitlines()[0] == f"reev-flow: session {session['session_id']}, kept in {shopping.location}"


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        (["--arg", "name=ann", "--arg", "times=2"], "hello ann hello ann"),
        (["--arg", "name=7"], "hello 7"),
        (["--arg", 'name="7"'], "hello 7"),
        (["--arg", "name=a=b"], "hello a=b"),
        (["--arguments", '{"name": "ann", "times": 2}'], "hello ann hello ann"),
        (["--arguments", '["ann", 2]'], "hello ann hello ann"),
        (["--arguments", '["ann"]', "--arg", "times=2"], "hello ann hello ann"),
    ],
)
def test_arguments_become_what_the_flow_wants(arguments: list[str], result: str, shopping: Shopping):
    assert shopping.run("greet", *arguments).out == f"{result}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "missing a required argument: 'name'"),
        (["--arg", "name"], "not of the form name=value"),
        (["--arg", "name=a", "--arg", "name=b"], "given twice"),
        (["--arg", "name=a", "--arg", "other=b"], "'other'"),
        (["--arg", "name=a", "--arg", "times=many"], "times: Expected `int`"),
        (["--arguments", '{"name"'], "not JSON"),
        (["--arguments", "3"], "neither a JSON object nor a list"),
    ],
)
def test_wrong_arguments_are_refused_with_those_the_flow_takes(arguments: list[str], told: str, shopping: Shopping):
    done = shopping.run("greet", *arguments)
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert told in done.err
    assert "it takes name: str, times: int = 1" in done.err


def test_json_tells_the_session_and_its_result(shopping: Shopping):
    told = shopping.document("run", "--app", "shop:greet", "--arg", "name=ann", "--session-id", "greet")
    assert (told["session"]["session_id"], told["session"]["state"], told["session"]["result"]) == (
        "greet",
        "completed",
        "hello ann",
    )


def test_what_a_flow_prints_does_not_get_into_the_json(shopping: Shopping):
    done = shopping.run("talk", "--json")
    assert json.loads(done.out)["session"]["result"] == "done"
    assert "this is no JSON\n" in done.err


def test_a_plan_gives_the_result_of_its_last_step(shopping: Shopping):
    shopping.write_plan(PLAN)
    done = shopping.call("run", "plan.yaml", "--app", "shop:run_step")
    assert (done.code, done.out) == (0, "book: find a way to Rome\n")
    assert shopping.tally() == ["search", "book"]


def test_a_plan_may_be_json(shopping: Shopping):
    shopping.write_plan('{"flow_id": "trip", "steps": [{"step_id": "search", "prompt_template": "find"}]}', "plan.json")
    assert shopping.call("run", "plan.json", "--app", "shop:run_step").out == "find\n"


def test_a_plan_is_given_the_tools_that_it_requires(shopping: Shopping):
    shopping.write_plan(PLAN.replace("step_id: book", "step_id: book\n    required_tools: [shout]"))
    done = shopping.call("run", "plan.yaml", "--app", "shop:run_step", "--tools", "shop:TOOLS")
    assert done.out == "BOOK: FIND A WAY TO ROME\n"


def test_what_a_plan_went_on_without_is_told(shopping: Shopping):
    shopping.write_plan(PLAN.replace("steps:", "atomic_mode: lenient\nsteps:\n  - step_id: fail"))
    done = shopping.call("run", "plan.yaml", "--app", "shop:run_step")
    assert (done.code, done.out) == (0, "book: find a way to Rome\n")
    assert "step fail failed: no luck; the flow went on without it" in done.err


def test_a_plan_that_failed_exits_with_one(shopping: Shopping):
    shopping.write_plan(PLAN.replace("search", "fail"))
    done = shopping.call("run", "plan.yaml", "--app", "shop:run_step", "--session-id", "trip")
    assert (done.code, done.out, one_line(done.err)) == (1, "", True)
    assert "ValueError: no luck" in done.err


def test_a_wrong_plan_is_refused_with_its_line_before_anything_is_kept(shopping: Shopping):
    shopping.write_plan(PLAN.replace("[search]", "[nothing]"))
    done = shopping.call("run", "plan.yaml", "--app", "shop:run_step")
    assert (done.code, one_line(done.err)) == (2, True)
    assert done.err.startswith("reev-flow: plan.yaml:8: steps[1].depends_on[0]")
    assert not (shopping.folder / "logs").exists()


def test_a_flow_that_fails_exits_with_one_and_says_why_in_one_safe_line(shopping: Shopping):
    done = shopping.run("fail")
    assert (done.code, done.out, one_line(done.err)) == (1, "", True)
    assert "session fail failed: ValueError: no\\nluck \\x1b[2J; `reev-flow sessions show fail`" in done.err


def test_where_in_the_code_a_flow_failed_can_be_asked_for(shopping: Shopping):
    assert 'raise ValueError("no' in shopping.run("fail", "--traceback").err


def test_a_failed_flow_is_told_as_json_too(shopping: Shopping):
    done = shopping.run("fail", "--json")
    assert (done.code, json.loads(done.out)["session"]["state"]) == (1, "failed")


def test_what_is_named_is_run_once(shopping: Shopping):
    first = shopping.run("greet", "--arg", "name=ann")
    again = shopping.run("greet", "--arg", "name=ann")
    assert (again.code, again.out) == (0, first.out)
    assert again.err == "reev-flow: session greet completed before; this is its result\n"
    assert shopping.tally() == ["quote"]


def test_the_id_of_another_flow_is_refused(shopping: Shopping):
    shopping.run("greet", "--arg", "name=ann")
    done = shopping.call("run", "--app", "shop:buy", "--arg", "amount=1", "--session-id", "greet")
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert "is of the flow 'greet', not 'buy'" in done.err


@pytest.mark.parametrize("session_id", ["", b"\xff"])
def test_an_id_that_is_no_text_is_refused(session_id: str | bytes, shopping: Shopping):
    done = shopping.call("run", "--app", "shop:talk", "--session-id", os.fsdecode(session_id))
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert not (shopping.folder / "logs").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run"], "--app module:name"),
        (["run", "plan.yaml"], "what runs the steps of the plan"),
        (["run", "--app", "nothing:here"], "No module named 'nothing'"),
        (["run", "--app", "nothing.py:here"], "no file"),
        (["run", "--app", "shop:nothing"], "shop has no nothing"),
        (["run", "--app", "shop"], "not of the form module:name"),
        (["run", "--app", "shop:quote"], "a function is no @flow"),
        (["run", "plan.yaml", "--app", "shop:greet"], "a @flow does not run the steps of a plan"),
        (["run", "plan.yaml", "--app", "shop:NOT_CALLABLE"], "a int does not run"),
        (["run", "plan.yaml", "--app", "shop:run_step", "--arg", "a=1"], "a plan takes no arguments"),
        (["run", "plan.yaml", "--app", "shop:run_step", "--tools", "shop:run_step"], "--tools wants a mapping"),
        (["run", "no-plan.yaml", "--app", "shop:run_step"], "cannot be read"),
        (["run", "--app", "leaving:flow"], "importing it ended the program (exit code 3)"),
        (["run", "--app", "broken:flow"], "importing it failed (ZeroDivisionError"),
    ],
)
def test_code_that_is_not_there_is_refused_in_one_line(arguments: list[str], told: str, shopping: Shopping):
    shopping.write_plan(PLAN)
    (shopping.folder / "leaving.py").write_text("raise SystemExit(3)")
    (shopping.folder / "broken.py").write_text("1 / 0")
    done = shopping.call(*arguments)
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert told in done.err
    assert not (shopping.folder / "logs").exists()


def test_code_is_found_by_the_path_of_its_file_with_the_modules_beside_it(shopping: Shopping):
    elsewhere = shopping.folder / "elsewhere"
    elsewhere.mkdir()
    (shopping.folder / "shop.py").rename(elsewhere / "shop.py")
    (elsewhere / "front.py").write_text("from shop import greet")
    done = shopping.call("run", "--app", "elsewhere/front.py:greet", "--arg", "name=ann", "--session-id", "greet")
    assert (done.code, done.out) == (0, "hello ann\n")


def test_a_question_ends_the_command_with_four_and_the_commands_that_go_on(shopping: Shopping):
    asked = shopping.run("approve", "--arg", "amount=3")
    assert (asked.code, asked.err) == (4, "")
    assert "ask[spend]: Spend 3? (true or false)\n" in asked.out
    answer, resume = (line.split()[1:] for line in asked.out.splitlines() if line.startswith("  reev-flow "))
    assert shopping.call(*answer[:-1], "true").code == 0
    assert shopping.call(*resume).out == "bought\n"
    assert shopping.tally() == ["quote"]


def test_the_commands_that_go_on_name_the_store_and_the_code_where_they_were_named(shopping: Shopping):
    given = ["--app", "shop.py:approve", "--store", "my sessions"]
    asked = shopping.call("run", "--arg", "amount=3", "--session-id", "a", *given)
    (resume,) = (line for line in asked.out.splitlines() if line.startswith("  reev-flow resume"))
    assert shlex.split(resume)[2:] == ["a", *given]


def test_questions_are_told_as_json_too(shopping: Shopping):
    done = shopping.run("approve", "--arg", "amount=3", "--json")
    (question,) = json.loads(done.out)["questions"]
    assert (done.code, question["step"], question["question"]) == (4, "ask[spend]", "Spend 3?")
    assert question["schema"] == {"type": "boolean"}


def test_several_questions_are_answered_by_step(shopping: Shopping):
    asked = shopping.run("choose")
    commands = [shlex.split(line)[1:] for line in asked.out.splitlines() if line.startswith("  reev-flow sessions")]
    for command, value in zip(commands, ["blue", "3"], strict=True):
        command[command.index("VALUE")] = value
        assert shopping.call(*command).code == 0
    assert json.loads(shopping.call("resume", "choose").out) == ["blue", 3]


def test_who_waits_goes_on_when_another_process_answers(shopping: Shopping):
    with shopping.started(
        "run", "--app", "shop:approve", "--arg", "amount=3", "--session-id", "a", "--wait"
    ) as waiting:
        assert waiting.stderr is not None
        told = waiting.stderr.readline()
        shopping.call("sessions", "answer", "a", "true")
        out, _ = waiting.communicate(timeout=60)
    assert told.startswith("reev-flow: ask[spend] asks: Spend 3? (true or false); `reev-flow sessions answer a VALUE`")
    assert (waiting.returncode, out) == (0, "bought\n")


def test_a_question_whose_deadline_has_passed_is_not_asked(shopping: Shopping):
    done = shopping.run("ask_too_late")
    assert (done.code, one_line(done.err)) == (1, True)
    assert "nobody answered 'Now?' before its deadline" in done.err


def test_nothing_is_kept_in_memory(shopping: Shopping):
    before = set(shopping.folder.iterdir())
    assert shopping.run("talk", "--store", "memory:").code == 0
    assert {path.name for path in set(shopping.folder.iterdir()) - before} <= {"__pycache__"}


def test_the_setting_says_where_sessions_are_kept(shopping: Shopping):
    shopping.call("run", "--app", "shop:talk", REEV_SESSION_STORE_PATH="kept")
    assert (shopping.folder / "kept" / "sessions.db").exists()
    assert not (shopping.folder / "logs").exists()


def test_a_step_that_ends_the_program_leaves_its_session_to_be_resumed(shopping: Shopping):
    done = shopping.run("leave")
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
    assert "a step ended the program (exit code 0)" in done.err
    assert shopping.state("leave") == "interrupted"


def test_a_flow_that_cancels_itself_may_be_resumed(shopping: Shopping):
    done = shopping.run("give_up")
    assert (done.code, done.out, one_line(done.err)) == (1, "", True)
    assert "stopped (cancelled by its own code); `reev-flow resume give_up` goes on with it" in done.err


def test_a_store_that_cannot_be_made_is_told_in_one_line(shopping: Shopping):
    (shopping.folder / "logs").write_text("a file where the folder of the store is to be")
    done = shopping.run("talk")
    assert (done.code, done.out, one_line(done.err)) == (2, "", True)
