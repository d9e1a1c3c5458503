"""Files are put into the store by the installed command, and what is there is what was in them."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from support.command import recorded, reev_flow
from support.foreign import clickhouse_row, jaeger, jaeger_span, log_record, logs, reev_input, reev_output
from support.otlp import line, request, span

GOOD = line(request(span(name="good")))


def stored_spans(store: Path) -> int:
    """How many spans the runs in a store have together."""
    done = reev_flow("runs", "list", "--store", store, "--json")
    assert (done.code, done.err) == (0, "")
    return sum(run["run"]["span_count"] for run in json.loads(done.out)["runs"])


def analyzed(*arguments: str | Path) -> Any:
    """What a run is said to be, without where it was read from and whether more of it may come there."""
    done = reev_flow("analyze", *arguments, "--json")
    assert done.code == 0
    [run] = json.loads(done.out)["runs"]
    return {name: value for name, value in run.items() if name not in ("source", "state")}


@pytest.mark.parametrize("name", ["langgraph_clean", "openai_agents_faulty", "pydantic_ai_clean", "smolagents_clean"])
def test_a_run_is_the_same_in_a_file_and_in_the_store(name: str, tmp_path: Path):
    done = reev_flow("import", recorded(name), "--store", tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("imported ")

    direct = analyzed(recorded(name))

    assert analyzed(direct["run"]["trace_id"], "--store", tmp_path) == direct


@pytest.mark.parametrize(
    "document",
    [
        jaeger(jaeger_span(traceID="8448eb211c80319c"), jaeger_span(traceID="8448eb211c80319c", spanID="7")),
        clickhouse_row(TraceId="an id of my own", SpanId="1"),
        request(span(traceId="ab", spanId="cd", parentSpanId="not hexadecimal")),
        request(span(startTimeUnixNano=None), span(spanId="1", endTimeUnixNano=None)),
        [reev_input(1, "swap", amount=5), reev_output(2, {"done": True})],
        [request(span(attributes={"gen_ai.operation.name": "chat"})), logs(log_record())],
    ],
    ids=["jaeger", "clickhouse", "odd ids", "missing times", "reev", "logs"],
)
def test_a_run_of_another_form_is_the_same_in_a_file_and_in_the_store(document: Any, tmp_path: Path):
    file = tmp_path / "run.json"
    file.write_text(json.dumps(document))
    assert reev_flow("import", file, "--store", tmp_path / "store").code == 0

    direct = analyzed(file)

    assert analyzed(direct["run"]["trace_id"], "--store", tmp_path / "store") == direct


def test_importing_again_adds_nothing_and_says_so(tmp_path: Path):
    first, second = (reev_flow("import", recorded("langgraph_clean"), "--store", tmp_path) for _ in range(2))

    assert first.out == f"imported 15 spans of 1 run into {tmp_path / 'traces.db'}\n"
    assert (second.code, second.out) == (0, f"nothing new: 15 spans of 1 run in {tmp_path / 'traces.db'} already\n")
    assert stored_spans(tmp_path) == 15


def test_only_what_a_file_has_grown_by_is_added(tmp_path: Path):
    file = tmp_path / "traces.jsonl"
    file.write_bytes(GOOD)
    reev_flow("import", file, "--store", tmp_path)
    file.write_bytes(GOOD + line(request(span(name="more", spanId="1" * 16))))

    done = reev_flow("import", file, "--store", tmp_path)

    assert done.out.endswith("; 1 of 2 batches were there already\n")
    assert stored_spans(tmp_path) == 2


def test_a_broken_line_costs_that_line_and_is_named(tmp_path: Path):
    file = tmp_path / "traces.jsonl"
    file.write_bytes(GOOD + b"{oops}\n" + line(request(span(spanId="1" * 16))))

    done = reev_flow("import", file, "--store", tmp_path)

    assert done.code == 2
    assert f"{file} line 2: is not JSON" in done.err
    assert stored_spans(tmp_path) == 2


def test_folders_rotated_files_and_pipes_are_imported(tmp_path: Path):
    folder = tmp_path / "logs"
    folder.mkdir()
    names = ("traces.jsonl", "traces-2026-11-22T05-02-14.173.jsonl", "traces.jsonl.1", "traces.jsonl.2.gz")
    for number, name in enumerate(names, 1):
        data = line(request(span(spanId=f"{number:016x}")))
        (folder / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)

    from_folder = reev_flow("import", folder, "--store", tmp_path)
    from_pipe = reev_flow("import", "-", "--store", tmp_path, stdin=line(request(span(spanId="f" * 16))))

    assert (from_folder.code, from_pipe.code) == (0, 0)
    assert stored_spans(tmp_path) == 5


def test_a_file_packed_with_zstd_is_refused_in_one_line(tmp_path: Path):
    (tmp_path / "traces.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(100))

    done = reev_flow("import", tmp_path)

    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"reev-flow: {tmp_path / 'traces.jsonl.zst'}: is packed with zstd, which is not read; "
        "unpack it first, with `zstd -d`\n"
    )


def test_nothing_to_import_makes_no_store(tmp_path: Path):
    done = reev_flow("import", tmp_path / "missing.jsonl", "--store", tmp_path / "store")

    assert done.code == 2
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--nonsense"],
        ["a.json", "b.json", "--follow"],
        [".", "--follow"],
        ["a.json", "--store", "memory:"],
    ],
)
def test_wrong_arguments_are_refused_in_one_line(arguments: list[str]):
    done = reev_flow("import", *arguments)

    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1


def test_a_document_says_what_came_of_it(tmp_path: Path):
    (tmp_path / "traces.jsonl").write_bytes(GOOD + b"{oops}\n")

    done = reev_flow("import", tmp_path / "traces.jsonl", "--store", tmp_path, "--json")
    told = json.loads(done.out)

    assert (told["spans"], told["runs"], told["batches"], told["new_batches"]) == (1, 1, 1, 1)
    assert len(told["problems"]) == 1
    assert told["failure"] is None


def test_a_store_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path):
    (tmp_path / "traces.db").write_bytes(b"no database at all" * 100)
    (tmp_path / "traces.jsonl").write_bytes(GOOD)

    done = reev_flow("import", tmp_path / "traces.jsonl", "--store", tmp_path)

    assert done.code == 2
    assert done.err.count("\n") == 1


def test_secrets_are_masked_before_they_are_stored(tmp_path: Path):
    secret = "sk-proj-" + "aB3dE5gH7jK9" * 4
    file = tmp_path / "traces.jsonl"
    file.write_bytes(line(request(span(attributes={"gen_ai.prompt": f"my key is {secret}"}))))

    assert reev_flow("import", file, "--store", tmp_path / "store").code == 0

    shown = reev_flow("analyze", "0af7651916cd43dd8448eb211c80319c", "--store", tmp_path / "store", "--json").out
    assert secret not in shown
    assert all(secret.encode() not in path.read_bytes() for path in (tmp_path / "store").iterdir())
