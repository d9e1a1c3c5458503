"""A program with a provider of its own keeps it, and its tools stand below their steps, also over a crash."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reev_flow import OtelProcessor, SessionManager
from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.store import TraceQuery
from reev_flow.trace.trace import Trace
from support.bank import Bank
from support.pages import run, start, write_files_of
from support.serving import eventually

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

TRIP = ["python", "trip.py"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files_of("docs/how-to/existing-opentelemetry-provider.md", tmp_path)
    return tmp_path


@pytest.fixture
def tools() -> Iterator[Bank]:
    with Bank().open() as opened:
        yield opened


def kill_in_the_second_tool(folder: Path, tools: Bank) -> list[str]:
    """What the exporter of the program was told before, once the first tool's span is on disk."""
    tools.be_slow(after=1)
    program = start(TRIP, folder, TOOLS_URL=tools.url)
    tools.wait_until_asked(2, by=program)
    eventually(lambda: has_spans(folder), lambda: (folder / "err.txt").read_text(encoding="utf-8"))
    program.send_signal(signal.SIGKILL)
    program.wait()
    tools.be_quick()
    return (folder / "out.txt").read_text(encoding="utf-8").splitlines()


def has_spans(folder: Path) -> bool:
    with closing(open_trace_store(folder / "sessions")) as store:
        return bool(store.find(TraceQuery()).result())


def exported(lines: list[str]) -> tuple[set[str], list[str]]:
    """The traces, and the names of the spans."""
    return {line.split(" ", 1)[0] for line in lines}, [line.split(" ", 1)[1] for line in lines]


async def run_of(folder: Path) -> Trace:
    return (await OtelProcessor(folder / "sessions").process_execution_trace("trip-1")).trace


def parents(trace: Trace) -> dict[str, str]:
    names = {span.span_id: span.name for span in trace.walk()}
    return {span.name: names.get(span.parent_id or "", "") for span in trace.walk()}


async def test_tools_stand_below_the_steps_that_called_them(folder: Path, tools: Bank):
    assert run(TRIP, folder, TOOLS_URL=tools.url).returncode == 0
    assert parents(await run_of(folder)) == {
        "invoke_workflow trip": "",
        "plan": "invoke_workflow trip",
        "execute_tool find_flight": "plan",
        "book": "invoke_workflow trip",
        "execute_tool book_hotel": "book",
    }


def test_the_exporter_of_the_program_is_told_everything_in_one_trace(folder: Path, tools: Bank):
    *lines, _ = run(TRIP, folder, TOOLS_URL=tools.url).stdout.splitlines()
    traces, names = exported(lines)
    assert len(traces) == 1
    assert names == ["execute_tool find_flight", "plan", "execute_tool book_hotel", "book", "invoke_workflow trip"]


async def test_after_a_kill_it_is_still_one_trace_for_both(folder: Path, tools: Bank):
    before = kill_in_the_second_tool(folder, tools)
    *after, _ = run(TRIP, folder, TOOLS_URL=tools.url).stdout.splitlines()
    traces, names = exported(before + after)
    trace = await run_of(folder)
    assert traces == {trace.trace_id}
    assert names.count("execute_tool find_flight") == 1
    assert parents(trace)["execute_tool find_flight"] == "plan"
    assert {span.name for span in trace.walk()} >= {"book", "down", "execute_tool book_hotel"}


def test_the_run_can_be_looked_at_from_python(folder: Path, tools: Bank):
    run(TRIP, folder, TOOLS_URL=tools.url)
    assert "execute_tool book_hotel" in run(["python", "look.py"], folder).stdout.splitlines()


def test_without_a_provider_the_tracer_of_the_session_makes_spans(folder: Path):
    done = run(["python", "alone.py"], folder)
    assert (done.stdout, done.stderr) == ("[('book_hotel', 'a room in Oslo')]\n", "")


def test_switching_the_collecting_off_leaves_sessions_alone(folder: Path, tools: Bank):
    assert run(TRIP, folder, TOOLS_URL=tools.url, REEV_OTEL_ENABLED="false").returncode == 0
    assert not (folder / "sessions" / "traces.db").exists()
    with SessionManager.sync(folder / "sessions") as manager:
        assert manager.load("trip-1").state == "completed"
