"""`reev-flow serve`, as it is typed, ended and refused."""

import json
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import apsw
import httpx
import pytest

from support.command import reev_flow
from support.loopback import loopback
from support.otlp_server import PROTOBUF, request_of
from support.pages import start
from support.serve_command import ServeCommand, refused
from support.serving import eventually

SLOW_HEAD = (
    b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nContent-Length: 99\r\n\r\n"
)
EXPORTERS_WAIT_SECONDS = 10
WITHOUT = "import sys; sys.modules[{module!r}] = None; from reev_flow.cli import run; sys.exit(run({arguments!r}))"


def test_it_tells_where_it_listens_where_it_stores_and_how_to_send_to_it(tmp_path: Path):
    process = start(["reev-flow", "serve", "--port", "0", "--grpc-port", "0", "--store", "my traces"], tmp_path)
    told = eventually(lambda: read_if_whole(tmp_path / "out.txt"), lambda: "")
    process.terminate()
    process.wait(60)
    lines = {line[:7].strip(): line[7:] for line in told.splitlines()}
    url = lines["http"].split()[0]

    assert url.startswith("http://127.0.0.1:")
    assert lines["grpc"].startswith("http://127.0.0.1:")
    assert lines["store"] == str(tmp_path / "my traces" / "traces.db")
    assert lines["send"] == f"export OTEL_EXPORTER_OTLP_ENDPOINT={url}"
    assert lines["read"] == f"reev-flow runs list --store '{tmp_path / 'my traces'}'"


def read_if_whole(path: Path) -> str | None:
    text = path.read_text(encoding="utf-8")
    return text if text.endswith("stop   Ctrl-C\n") else None


def test_it_tells_programs_in_json(tmp_path: Path):
    with ServeCommand(tmp_path, REEV_SERVER_TOKEN="s3cret") as server:
        told = server.whereabouts

        assert sorted(told) == ["environment", "grpc", "http", "reev_flow", "store"]
        assert told["store"] == str(server.store / "traces.db")
        assert "s3cret" not in json.dumps(told)


@pytest.mark.parametrize(("by", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_in_good_order(by: int, code: int, tmp_path: Path):
    with ServeCommand(tmp_path) as server:
        server.post(request_of(3))

        assert server.end(by) == code
        assert server.errors == "reev-flow: stopped; 3 spans and log records taken in\n"


def test_a_sender_that_trickles_does_not_keep_it_from_ending(tmp_path: Path):
    with ServeCommand(tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.client.base_url.port or 0)) as sender:
            sender.sendall(SLOW_HEAD)
            eventually(lambda: "in_progress 1" in server.client.get("/metrics").text, lambda: server.errors)

            assert server.end(signal.SIGTERM) == 143
        assert server.errors.endswith("stopped; 0 spans and log records taken in\n")


def test_a_store_that_stays_locked_is_told_before_senders_give_up(tmp_path: Path):
    with (
        ServeCommand(tmp_path) as server,
        closing(apsw.Connection(str(server.store / "traces.db"))) as other,
        httpx.Client(base_url=server.url, timeout=EXPORTERS_WAIT_SECONDS, trust_env=False) as sender,
    ):
        other.execute("BEGIN IMMEDIATE")
        answer = sender.post("/v1/traces", content=request_of(), headers={"Content-Type": PROTOBUF})

        assert (answer.status_code, "locked" in answer.text) == (503, True)
        assert server.end(signal.SIGTERM) == 143
        assert server.errors.endswith("stopped; 0 spans and log records taken in\n")


def test_a_second_signal_ends_it_at_once(tmp_path: Path):
    with ServeCommand(tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.client.base_url.port or 0)) as sender:
            sender.sendall(SLOW_HEAD)
            eventually(lambda: "in_progress 1" in server.client.get("/metrics").text, lambda: server.errors)
            server.process.send_signal(signal.SIGTERM)
            eventually(lambda: not is_listening(server), lambda: server.errors)

            assert server.end(signal.SIGINT) == 130
        assert server.errors.startswith("reev-flow: stopped before everything that was under way was over")


def is_listening(server: ServeCommand) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", server.client.base_url.port or 0)) == 0


def test_a_port_that_is_taken_is_told_and_no_store_is_made(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = refused(tmp_path, "--port", str(port), "--store", "new")

        assert code == 2
        assert (
            told == f"reev-flow: cannot listen on 127.0.0.1:{port}: Address already in use; name another with --port\n"
        )
        assert not (tmp_path / "new").exists()


def test_a_grpc_port_that_is_taken_is_told(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = refused(tmp_path, "--port", "0", "--grpc-port", str(port))

        assert code == 2
        assert told.startswith(f"reev-flow: cannot listen on 127.0.0.1:{port}: ")
        assert told.count("\n") == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_where_others_can_reach_it_it_wants_a_token(host: str, tmp_path: Path):
    code, told = refused(tmp_path, "--host", host, "--port", "0")

    assert code == 2
    assert told.startswith(f"reev-flow: cannot listen on {host}: others can reach it")
    assert "--token" in told


def test_where_others_can_reach_it_the_token_is_asked_for(tmp_path: Path):
    with ServeCommand(tmp_path, "--host", "0.0.0.0", REEV_SERVER_TOKEN="s3cret") as server:
        without = server.post(request_of()).status_code
        with_it = server.post(request_of(), Authorization="Bearer s3cret").status_code

        assert (without, with_it) == (401, 200)
        assert "readable to all" in server.errors


def test_a_host_that_is_none_is_told(tmp_path: Path):
    code, told = refused(tmp_path, "--host", "no such host", "--port", "0")

    assert (code, told.count("\n")) == (2, 1)
    assert told.startswith("reev-flow: cannot listen on no such host: ")


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("uvicorn", ["serve"], "server"),
        ("starlette", ["serve"], "server"),
        ("grpc", ["serve", "--grpc-port", "0"], "grpc"),
    ],
)
def test_a_missing_extra_is_named(module: str, arguments: list[str], extra: str, tmp_path: Path):
    code = WITHOUT.format(module=module, arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr == (f"reev-flow: this needs packages that are not installed; pip install 'reev-flow[{extra}]'\n")


def test_without_grpc_there_is_none(tmp_path: Path):
    with ServeCommand(tmp_path, "--without-grpc", "--port", "0") as server:
        assert server.whereabouts["grpc"] is None
        assert server.post(request_of()).status_code == 200


def test_a_store_that_cannot_be_used_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    code, told = refused(tmp_path, "--port", "0", "--grpc-port", "0", "--store", "file")

    assert (code, told.count("\n")) == (2, 1)


def test_the_largest_request_can_be_set(tmp_path: Path):
    with ServeCommand(tmp_path, "--max-body-mib", "1") as server:
        assert server.post(bytes(1024 * 1024 + 1)).status_code == 413


def test_help_says_what_can_be_set():
    told = reev_flow("serve", "--help").out

    assert all(option in told for option in ("--host", "--port", "--grpc-port", "--token", "--store", "--max-body-mib"))


async def test_ipv6_is_served_too():
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    async with loopback(host="::1") as server:
        assert server.whereabouts.address == "::1"
