"""A trace whose spans carry secrets shows none of them: not in the file, not in any output."""

from pathlib import Path

import apsw
import pytest

from reev_flow.stores.sqlite.folding import unpack
from support.command import reev_flow
from support.otlp_server import JSON
from support.secrets import IN_TEXT, TOKENS, everywhere
from support.serve_command import ServeCommand

TRACE_ID = (b"t" * 16).hex()
TEXT = "; ".join([*TOKENS.values(), *(text for text, _ in IN_TEXT.values())])
SECRETS = [*TOKENS.values(), *(secret for _, secret in IN_TEXT.values())]
COMMANDS = (
    ("runs", "list"),
    ("runs", "list", "--json"),
    ("runs", "show", TRACE_ID),
    ("runs", "show", TRACE_ID, "--json"),
    ("analyze", TRACE_ID),
    ("analyze", TRACE_ID, "--json"),
    ("diagram", TRACE_ID),
)
JSON_REQUEST = (
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%s","spanId":"00000000000000aa","name":"%s","startTimeUnixNano":"1",'
    '"endTimeUnixNano":"2","attributes":[{"key":"note","value":{"stringValue":"%s"}}],"status":{"code":2,"message":"%s"}}]}]}]}'
)
JSON_LOGS = (
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"%s","spanId":"00000000000000aa","timeUnixNano":"1",'
    '"eventName":"gen_ai.user.message","body":{"stringValue":"%s"}}]}]}]}'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a store that was sent secrets in every way there is."""
    text = TEXT.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    with ServeCommand(tmp_path) as server:
        assert server.post(everywhere(TEXT).SerializeToString()).status_code == 200
        body = JSON_REQUEST % (TRACE_ID, text, text, text)
        assert server.post(body.encode(), **{"Content-Type": JSON}).status_code == 200
        logs = (JSON_LOGS % (TRACE_ID, text)).encode()
        assert server.client.post("/v1/logs", content=logs, headers={"Content-Type": JSON}).status_code == 200
        server.end()
    return tmp_path


def shown(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    return [secret for secret in SECRETS if secret.encode() in data]


def test_no_file_has_them(folder: Path):
    for path in folder.rglob("*"):
        if path.is_file():
            assert shown(path.read_bytes()) == [], path.name


def test_what_is_kept_has_not_got_them_either(folder: Path):
    connection = apsw.Connection(str(folder / "store" / "traces.db"))
    kept = b"".join(unpack(data) for (data,) in connection.execute("SELECT data FROM chunks"))
    connection.close()
    assert len(kept) > 10 * len(TEXT)
    assert shown(kept) == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_them(folder: Path, command: tuple[str, ...]):
    done = reev_flow(*command, "--store", folder / "store")
    assert (done.code, bool(done.out)) == (0, True), done.err
    assert shown(done.out + done.err) == []
