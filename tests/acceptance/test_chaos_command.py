"""`reev-flow chaos`, as installed: what it refuses, what it finds, and how it says so."""

import json
import os
import shlex
import signal
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support.pages import run, start
from support.serving import eventually

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

SHOP = """
from pathlib import Path
from reev_flow import DynamicFlowPlan, flow

def charge(euros: int) -> str:
    with Path("charged.txt").open("a") as charged:
        charged.write(f"{euros}\\n")
    return f"charged {euros}"

@flow
async def buy(session, euros: int = 7) -> str:
    return await session.step(charge, euros)

@flow
async def buy_carelessly(session, euros: int = 7) -> str:
    return await session.step(charge, euros, on_interrupt="rerun")

@flow
async def buy_and_note(session, euros: int = 7) -> str:
    receipt = await session.step(charge, euros)
    Path("notes.txt").write_text("bought")
    return receipt

plan = DynamicFlowPlan(flow_id="shop", steps=())
def ask_a_model(euros: int, tracer) -> str:
    with tracer.operation("llm", "small"):
        return "yes"

@flow
async def buy_with_a_model(session, euros: int = 7) -> str:
    def ask() -> str:
        return ask_a_model(euros, session.tracer)

    await session.step(ask)
    return await session.step(charge, euros)

not_a_flow = 1
"""

SLOW_STUBS = """
import time

def charge(euros: int) -> str:
    time.sleep(60)
"""

STUBS = """
def charge(euros: int) -> str:
    return f"would charge {euros}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP, encoding="utf-8")
    (tmp_path / "stubs.py").write_text(STUBS, encoding="utf-8")
    return tmp_path


def chaos(folder: Path, *words: str, app: str = "shop:buy") -> CompletedProcess[str]:
    return run(["reev-flow", "chaos", "--app", app, *words], folder)


def charged(folder: Path) -> int:
    path = folder / "charged.txt"
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


@pytest.mark.parametrize("app", ["shop:buy", "shop:buy_carelessly"])
def test_real_effects_are_refused_before_any_of_them_happens(folder: Path, app: str):
    done = chaos(folder, app=app)
    assert done.returncode == 2
    assert "step 'charge' may have an effect outside, and it was not run" in done.stderr
    for way_out in ("--effects stub:module", "--harmless charge", "--real-effects"):
        assert way_out in done.stderr
    assert charged(folder) == 0


def test_a_step_that_is_said_to_be_harmless_runs_as_it_is(folder: Path):
    done = chaos(folder, "--harmless", "charge", "--kill-points", "*@after-function", app="shop:buy_carelessly")
    assert done.stdout.splitlines()[-1] == "kill points 1, divergent 0, duplicated effects 0, lost spans 0"
    assert charged(folder) == 4, "two runs that nobody disturbed, one that was killed, and one that went on"


@pytest.mark.parametrize("stubs", ["stub:stubs", "stub:stubs.py"])
def test_stubs_stand_in_for_steps_of_their_names(folder: Path, stubs: str):
    done = chaos(folder, "--effects", stubs, "--kill-points", "charge#1@*")
    assert done.stdout.splitlines()[-1] == "kill points 6, divergent 0, duplicated effects 0, lost spans 0"
    assert done.returncode == 0
    assert charged(folder) == 0


def test_whoever_insists_has_real_effects(folder: Path):
    done = chaos(folder, "--real-effects", "--kill-points", "charge#1@after-finish")
    assert done.stdout.splitlines()[-1] == "kill points 1, divergent 0, duplicated effects 0, lost spans 0"
    assert charged(folder) == 3, "two runs that nobody disturbed, and one that was killed"


def test_a_divergence_is_told_on_one_line_with_how_to_see_it_again(folder: Path):
    words = ("--effects", "stub:stubs", "--workers", "2")
    done = chaos(folder, *words, "--kill-points", "*@after-function", app="shop:buy_carelessly")
    assert done.returncode == 1
    first, *_, last = done.stdout.splitlines()
    assert first == (
        "charge#1@after-function: effect 'charge#1' happened 1 more than it should; again: reev-flow chaos --app shop:buy_carelessly "
        "--effects stub:stubs --workers 2 --kill-points 'charge#1@after-function'"
    )
    assert last == "kill points 1, divergent 1, duplicated effects 1, lost spans 0"
    again = shlex.split(first.partition("again: ")[2])
    assert run(again, folder).stdout.splitlines()[0] == first


def test_what_is_done_between_steps_is_found_to_be_done_again_and_may_be_called_harmless(folder: Path):
    words = ("--effects", "stub:stubs", "--kill-points", "store-log@*-write@8*")
    done = chaos(folder, *words, app="shop:buy_and_note")
    assert done.returncode == 1
    assert "effect 'outside of steps: shop.py:21 writes notes.txt' happened 1 more than it should" in done.stdout
    assert chaos(folder, *words, "--harmless", "notes.*", app="shop:buy_and_note").returncode == 0


def test_the_same_for_a_program(folder: Path):
    words = ("--effects", "stub:stubs", "--kill-points", "*@after-function", "--json")
    told = json.loads(chaos(folder, *words, app="shop:buy_carelessly").stdout)
    assert told["fault"] == "kill"
    assert (told["points"], told["divergent"], told["duplicated_effects"], told["lost_spans"]) == (1, 1, 1, 0)
    assert told["divergences"] == [
        {
            "point": "charge#1@after-function",
            "differences": ["effect 'charge#1' happened 1 more than it should"],
            "complaints": [],
        }
    ]


def test_spans_that_died_with_their_worker_are_told_apart_from_lost_ones(folder: Path):
    words = ("--effects", "stub:stubs", "--harmless", "ask", "--kill-points", "ask#1@after-finish")
    done = chaos(folder, *words, app="shop:buy_with_a_model")
    assert done.stdout.splitlines()[-2:] == [
        "spans of tools and models that died with their worker before any store had them: 1",
        "kill points 1, divergent 0, duplicated effects 0, lost spans 0",
    ]
    assert done.returncode == 0


def test_the_flow_is_given_its_arguments(folder: Path):
    words = ("--effects", "stub:stubs", "--kill-points", "1")
    assert chaos(folder, *words, "--arg", "euros=9").returncode == 0
    assert chaos(folder, *words, "--input", '{"euros": 9}').returncode == 0
    assert "it takes euros: int = 7" in chaos(folder, *words, "--arg", "cents=9").stderr


@pytest.mark.parametrize(
    ("words", "app", "why"),
    [
        ((), "shop:not_a_flow", "a int is no @flow"),
        (("--effects", "stubs"), "shop:buy", "wanted is stub:module"),
        (("--effects", "stub:nowhere"), "shop:buy", "--effects stub:nowhere: it cannot be imported"),
        (("--effects", "stub:stubs", "--kill-points", "0"), "shop:buy", "say how many points are to be drawn"),
        ((), "shop:plan", "name a @flow that awaits `execute_dynamic_flow"),
        (("--answer", "ask"), "shop:buy", "not of the form step=JSON"),
        (("--workers", "0"), "shop:buy", "--workers"),
        (("--points", "flood"), "shop:buy", "--points"),
        (("--effects", "stub:stubs", "--kill-points", "pay#1@noon"), "shop:buy", "passes no such point"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(folder: Path, words: tuple[str, ...], app: str, why: str):
    done = chaos(folder, *words, app=app)
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_flow_that_does_not_come_to_an_end_is_told_of(folder: Path):
    (folder / "slow_stubs.py").write_text(SLOW_STUBS, encoding="utf-8")
    done = chaos(folder, "--effects", "stub:slow_stubs", "--seconds", "1")
    assert done.returncode == 2
    assert "the uninterrupted run did not come to an end (a worker did not come to an end in time)" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="nobody could tell what is left")
def test_stopped_in_the_middle_it_leaves_nothing_behind(folder: Path, number: signal.Signals):
    runs = folder / "runs"
    runs.mkdir()
    words = ["reev-flow", "chaos", "--app", "shop:buy", "--effects", "stub:stubs"]
    process = start(words, folder, TMPDIR=str(runs))
    eventually(lambda: any(runs.glob("*/point-*")), lambda: (folder / "err.txt").read_text(encoding="utf-8"))
    process.send_signal(number)
    assert process.wait(timeout=60) == 128 + number
    assert "stopped; the runs have ended, and their folders are gone" in (folder / "err.txt").read_text(
        encoding="utf-8"
    )
    assert list(runs.iterdir()) == []
    eventually(lambda: processes_of_session(process.pid) == [], lambda: str(processes_of_session(process.pid)))


def processes_of_session(leader: int) -> list[str]:
    """Those that live. `start` made the command the leader of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(stat.parent.name)
    return found
