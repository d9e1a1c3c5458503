"""`reev-flow submit`, as installed: a run is kept for a worker, once, and its id is told."""

from pathlib import Path

import pytest

from support.shopping import Shopping

GREET = ("submit", "--app", "shop:greet", "--arg", "name=ann")
PLAN = """
flow_id: trip
user_prompt: to Rome
steps:
  - step_id: search
    prompt_template: "find a way {user_prompt}"
"""


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


def test_the_id_is_printed_alone_and_the_session_waits_for_a_worker(shopping: Shopping):
    done = shopping.call(*GREET, "--session-id", "s-1")
    expected = f"reev-flow: session s-1 waits in {shopping.location} for a worker that has greet\n"
    assert (done.code, done.out, done.err) == (0, "s-1\n", expected)
    assert shopping.state("s-1") == "created"


def test_without_an_id_it_is_given_one(shopping: Shopping):
    done = shopping.call(*GREET)
    assert shopping.state(done.out.strip()) == "created"


def test_a_worker_runs_it(shopping: Shopping):
    shopping.call(*GREET, "--session-id", "s-1")
    assert shopping.call("worker", "--app", "shop:greet", "--once").code == 0
    assert shopping.document("sessions", "show", "s-1")["session"]["result"] == "hello ann"


def test_what_ran_before_is_not_run_again(shopping: Shopping):
    shopping.run("greet", "--arg", "name=ann")
    done = shopping.call(*GREET, "--session-id", "greet")
    assert (done.code, done.err) == (0, "reev-flow: session greet was begun before, and is completed\n")


def test_an_id_that_names_something_else_is_refused(shopping: Shopping):
    shopping.call(*GREET, "--session-id", "s-1")
    done = shopping.call("submit", "--app", "shop:greet", "--arg", "name=bob", "--session-id", "s-1")
    assert (done.code, done.out) == (2, "")
    assert "s-1" in done.err


def test_json_shows_the_session(shopping: Shopping):
    session = shopping.document(*GREET, "--session-id", "s-1")["session"]
    assert (session["session_id"], session["state"], session["arguments"]) == ("s-1", "created", {"name": "ann"})


def test_a_plan_is_run_by_a_worker_that_runs_its_steps(shopping: Shopping):
    shopping.write_plan(PLAN)
    done = shopping.call("submit", "plan.yaml", "--app", "shop:run_step")
    assert shopping.call("worker", "--app", "shop:run_step", "--once").code == 0
    assert shopping.state(done.out.strip()) == "completed"


def test_memory_is_nothing_to_leave_anything_in(shopping: Shopping):
    assert shopping.call(*GREET, "--store", "memory:").code == 2
