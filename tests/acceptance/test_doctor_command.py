"""`reev-flow doctor`, as installed."""

import json
from pathlib import Path

import pytest

from support.journals import Story
from support.session_stores import DAMAGES, change
from support.shopping import STORE, Shopping


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    shopping = Shopping(tmp_path)
    shopping.keep(Story("s-1").run(0).end(1))
    shopping.call("sessions", "backup")
    return shopping


def test_a_store_that_is_well_has_no_problems(shopping):
    done = shopping.call("doctor")
    assert (done.code, done.err) == (0, "reev-flow: 0 problems, 0 warnings\n")
    assert [line.split()[0] for line in done.out.splitlines()] == ["ok"] * 7


def test_a_problem_is_told_with_what_to_do(shopping):
    change(shopping.folder / STORE / "sessions.db", DAMAGES["its contents"], "s-1")
    done = shopping.call("doctor")
    assert done.code == 1
    assert "`reev-flow sessions restore --latest s-1` brings it back from a backup" in done.out


def test_json_tells_the_same(shopping):
    checks = json.loads(shopping.call("doctor", "--json").out)["checks"]
    assert {tuple(sorted(check)) for check in checks} == {("advice", "level", "subject", "told")}


def test_a_wrong_setting_is_one_problem_among_the_rest(shopping):
    done = shopping.call("doctor", REEV_SESSION_MAX_CONCURRENT="many")
    assert (done.code, "REEV_SESSION_MAX_CONCURRENT='many'" in done.out) == (1, True)
    assert "1 sessions with 2 entries read" in done.out


def test_memory_is_worth_a_warning(tmp_path):
    done = Shopping(tmp_path).call("doctor", "--store", "memory:")
    assert (done.code, "1 warning" in done.err) == (0, True)
