"""Runs whose spans come over time, as `runs list` and `runs show` tell them."""

import json
from pathlib import Path

from reev_flow.collect.otlp_chunks import chunks_of_spans
from reev_flow.stores.sqlite.traces import SqliteTraceStore
from reev_flow.trace.span import Span
from support.command import Outcome, reev_flow
from support.sessions import SetClock
from support.stored_spans import TRACE_ID, span, told_by_logs


def call(folder: Path, *arguments: str) -> Outcome:
    return reev_flow("runs", *arguments, "--store", str(folder / "store"), cwd=folder)


def keep(folder: Path, *spans: Span) -> None:
    """Long ago."""
    (folder / "store").mkdir(exist_ok=True)
    store = SqliteTraceStore(folder / "store" / "traces.db", clock=SetClock())
    store.add(chunks_of_spans(spans)).result()
    store.close()


def test_a_run_with_everything_is_settled(tmp_path: Path):
    keep(tmp_path, span(1), span(2, 1))

    assert call(tmp_path, "show", TRACE_ID).out.splitlines()[-1] == "settled: all of it is here"


def test_a_run_that_lacks_something_says_what(tmp_path: Path):
    keep(tmp_path, span(2, 1, lasts_ms=None), told_by_logs(3))

    assert call(tmp_path, "show", TRACE_ID).out.splitlines()[-1] == (
        "incomplete: nothing has come for long, and not all of it is here"
        " (its root is missing, 1 span without an end, 1 span known only from logs)"
    )


def test_the_list_has_a_column_for_states(tmp_path: Path):
    keep(tmp_path, span(1), span(1, trace_id="8" * 32, parent_id="9" * 16))
    head, *lines = call(tmp_path, "list").out.splitlines()
    column = head.index("state")

    assert sorted(line[column:].split()[0] for line in lines) == ["incomplete", "settled"]


def test_documents_tell_the_state_of_a_run(tmp_path: Path):
    keep(tmp_path, span(1))
    documents = [json.loads(call(tmp_path, *words, "--json").out)["runs"] for words in (["list"], ["show", TRACE_ID])]

    assert [run["state"] for (run,) in documents] == ["settled", "settled"]


def test_the_runs_of_a_conversation_are_listed(tmp_path: Path):
    for number, conversation in enumerate(("talk", "talk", "chat"), start=1):
        keep(tmp_path, span(1, trace_id=f"{number:032x}", start_ms=number, attributes={"session.id": conversation}))
    runs = json.loads(call(tmp_path, "list", "--conversation", "talk", "--json").out)["runs"]

    assert [run["run"]["trace_id"] for run in runs] == [f"{1:032x}", f"{2:032x}"]
    assert [run["run"]["conversation_ids"] for run in runs] == [["talk"], ["talk"]]


def test_a_conversation_that_nobody_had_has_no_runs(tmp_path: Path):
    keep(tmp_path, span(1))

    assert json.loads(call(tmp_path, "list", "--conversation", "talk", "--json").out)["runs"] == []
