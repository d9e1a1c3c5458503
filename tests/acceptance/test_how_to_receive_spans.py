"""The page about receiving spans: its server, its program, and what is said to be printed."""

import re
import shlex
from pathlib import Path

import pytest

from support.pages import commands_of, run, write_files_of
from support.serve_command import ServeCommand

PAGE = "docs/how-to/receive-spans.md"
ROOT = Path(__file__).parents[2]
METRIC = re.compile(r"`(reev_flow_\w+)`")


@pytest.fixture
def shown() -> dict[str, str]:
    """What the page says each command prints."""
    return dict(commands_of(PAGE))


def test_the_server_tells_what_the_page_shows(shown: dict[str, str], tmp_path: Path):
    with ServeCommand(tmp_path) as server:
        told = server.whereabouts
    lines = shown["reev-flow serve --store traces"]
    there = told["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]

    assert lines.count(there.replace(str(server.client.base_url.port), "4318")) == 2
    assert f"OTEL_EXPORTER_OTLP_PROTOCOL={told['environment']['OTEL_EXPORTER_OTLP_PROTOCOL']}" in lines


def test_the_program_is_seen_as_the_page_shows(shown: dict[str, str], tmp_path: Path):
    write_files_of(PAGE, tmp_path)
    with ServeCommand(tmp_path, "--store", "traces") as server:
        sent = run(["python", "agent.py"], tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=server.url)
        listed = run(["reev-flow", "runs", "list", "--store", "traces"], tmp_path).stdout
        told = run(["reev-flow", "analyze", listed.splitlines()[1].split()[0], "--store", "traces"], tmp_path).stdout

    assert (sent.returncode, sent.stderr) == (0, "")
    assert [squeezed(line) for line in listed.splitlines()] == Fitting(shown["reev-flow runs list --store traces"])
    assert "tokens    700 in, 30 out" in told


class Fitting:
    """Equal to lines that say what these say, whatever stands where these have an ellipsis, and however wide the columns are."""

    def __init__(self, text: str) -> None:
        self._lines = [re.escape(squeezed(line)).replace("…", ".*") for line in text.splitlines()]

    def __eq__(self, other: object) -> bool:
        lines = other if isinstance(other, list) else []
        return len(lines) == len(self._lines) and all(map(re.fullmatch, self._lines, lines))

    def __hash__(self) -> int:
        return hash(tuple(self._lines))

    def __repr__(self) -> str:
        return repr(self._lines)


def squeezed(line: str) -> str:
    return " ".join(line.split())


def test_the_page_names_what_is_counted(tmp_path: Path):
    with ServeCommand(tmp_path) as server:
        text = server.client.get("/metrics").text
    named = METRIC.findall((ROOT / PAGE).read_text(encoding="utf-8"))

    assert named
    assert [name for name in named if f"# TYPE {name} " not in text] == []


def test_the_token_is_given_as_the_page_shows(shown: dict[str, str], tmp_path: Path):
    write_files_of(PAGE, tmp_path)
    command = next(command for command in shown if "OTEL_EXPORTER_OTLP_HEADERS" in command)
    header = shlex.split(command)[1].partition("=")[2].replace("$REEV_SERVER_TOKEN", "s3cret")
    with ServeCommand(tmp_path, REEV_SERVER_TOKEN="s3cret") as server:
        run(["python", "agent.py"], tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=server.url, OTEL_EXPORTER_OTLP_HEADERS=header)

        assert len(server.spans()) == 3
