"""Every variable about the runs that are kept changes what is kept."""

from pathlib import Path

from reev_flow.stores.urls import open_trace_store
from support.command import reev_flow
from support.otlp_server import request_of
from support.secrets import TOKENS, everywhere
from support.serve_command import ServeCommand
from support.serving import eventually
from support.trace_stores import add, chunk, letters

SECRET = TOKENS["OpenAI"]
MUCH = 700_000  # bytes of text that become some 400,000 on disk


def kept_by_a_server(folder: Path, **variables: str) -> str:
    with ServeCommand(folder, **variables) as server:
        assert server.post(everywhere(f"{SECRET} of employee 1234").SerializeToString()).status_code == 200
        server.end()
        return repr(server.spans())


def test_secrets_are_masked_unless_that_is_switched_off(tmp_path: Path):
    (tmp_path / "on").mkdir()
    (tmp_path / "off").mkdir()
    assert SECRET not in kept_by_a_server(tmp_path / "on")
    assert SECRET in kept_by_a_server(tmp_path / "off", REEV_TRACE_REDACTION="false")


def test_more_is_masked_by_patterns_one_a_line(tmp_path: Path):
    kept = kept_by_a_server(tmp_path, REEV_TRACE_REDACTION_PATTERNS="employee (\\d+)\nnever")
    assert "1234" not in kept
    assert "employee ****" in kept


def test_a_pattern_that_is_none_is_refused_by_name(tmp_path: Path):
    done = reev_flow("config", cwd=tmp_path, REEV_TRACE_REDACTION_PATTERNS="(")
    assert done.code == 2
    assert "REEV_TRACE_REDACTION_PATTERNS" in done.err


def filled(folder: Path) -> None:
    store = open_trace_store(folder)
    for letter in "abc":
        add(store, chunk(letter, data=request_of(1, text_bytes=MUCH)))
    store.close()


def left(folder: Path) -> str:
    store = open_trace_store(folder)
    try:
        return "".join(sorted(letters(store)))
    finally:
        store.close()


def test_runs_older_than_the_retention_are_forgotten(tmp_path: Path):
    filled(tmp_path)
    assert reev_flow("runs", "prune", "--store", tmp_path).code == 0
    assert left(tmp_path) == "abc"
    done = reev_flow("runs", "prune", "--store", tmp_path, REEV_TRACE_RETENTION_DAYS="0")
    assert (len(done.out.split()), left(tmp_path)) == (3, "")


def test_runs_beyond_the_size_are_forgotten_the_least_recently_added_to_first(tmp_path: Path):
    filled(tmp_path)
    done = reev_flow("runs", "prune", "--store", tmp_path, REEV_TRACE_MAX_SIZE_MIB="1")
    assert (done.out.split(), left(tmp_path)) == (["a" * 32], "bc")


def test_a_command_may_say_another_size_and_the_disk_has_its_room_back(tmp_path: Path):
    filled(tmp_path)
    before = (tmp_path / "traces.db").stat().st_size
    reev_flow("runs", "prune", "--max-size-mib", "0", "--store", tmp_path)
    assert (tmp_path / "traces.db").stat().st_size < before / 5


def test_a_server_forgets_by_itself(tmp_path: Path):
    filled(tmp_path / "store")
    with ServeCommand(tmp_path, REEV_TRACE_MAX_SIZE_MIB="1") as server:
        told = eventually(lambda: server.errors, lambda: "it said nothing")
        server.end()
    assert "forgot a run" in told
    assert left(tmp_path / "store") == "bc"


def test_a_place_without_runs_is_no_mistake_and_stays_empty(tmp_path: Path):
    assert reev_flow("runs", "prune", "--store", tmp_path / "none").code == 0
    assert not (tmp_path / "none").exists()
