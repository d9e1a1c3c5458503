"""The real mermaid, asked whether it would draw a text and what a person would read in it."""

import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswerInTimeError
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from support.tools import tool_missing

MERMAID_FOLDER = Path(__file__).parent / "mermaid"
INSTALL_COMMAND = "npm ci --prefix tests/support/mermaid"


class DrawnNode(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    classes: tuple[str, ...] = ()


class DrawnEdge(msgspec.Struct, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    source: str
    target: str
    label: str = ""


class DrawnSubgraph(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    nodes: tuple[str, ...] = ()


class ParsedDiagram(msgspec.Struct, frozen=True, kw_only=True):
    """Labels are as drawn: entities decoded, line breaks as newlines, outer blanks gone."""

    type: str
    title: str = ""
    description: str = ""
    nodes: tuple[DrawnNode, ...] = ()
    edges: tuple[DrawnEdge, ...] = ()
    subgraphs: tuple[DrawnSubgraph, ...] = ()


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    ok: bool
    error: str = ""


class MermaidRefusedError(Exception):
    """Mermaid would not draw the text; the message is mermaid's own."""


class MermaidUnavailableError(Exception):
    """Node or the npm packages are missing, or the process has died."""


class MermaidParser:
    """One node process that answers many questions, one at a time. It is stopped by the one who started it."""

    def __init__(self, *, limit_seconds: float = 60) -> None:
        self.limit_seconds = limit_seconds
        command = _command()
        self._ids = count(1)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process; closed with it
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors)
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mermaid-answers")

    def parse(self, text: str) -> ParsedDiagram:
        question_id = next(self._ids)
        line = self._ask(msgspec.json.encode({"id": question_id, "text": text}))
        answer = msgspec.json.decode(line, type=_Answer)
        if answer.id != question_id:
            raise MermaidUnavailableError(f"mermaid answered question {answer.id} when asked {question_id}")
        if not answer.ok:
            raise MermaidRefusedError(answer.error)
        return msgspec.json.decode(line, type=ParsedDiagram)

    def close(self) -> None:
        """Ends the process by closing its input, and kills it if that is not enough. Closing twice is harmless."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.shutdown()
        if self._process.stdout:
            self._process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, question: bytes) -> bytes:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(question + b"\n")
            stdin.flush()
            line = self._reader.submit(stdout.readline).result(timeout=self.limit_seconds)
        except NoAnswerInTimeError as error:
            self._process.kill()
            raise MermaidUnavailableError(f"mermaid gave no answer in {self.limit_seconds} s") from error
        except BrokenPipeError as error:
            raise self._died() from error
        if not line:
            raise self._died()
        return line

    def _died(self) -> MermaidUnavailableError:
        self._process.wait(timeout=10)
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        return MermaidUnavailableError(
            f"the mermaid process ended with code {self._process.returncode}: {said[-2000:]}"
        )


def mermaid_parser_or_skip() -> MermaidParser:
    """A parser for a fixture: skips the test where node or its packages are missing, fails it where tools are required."""
    try:
        return MermaidParser()
    except MermaidUnavailableError as error:
        tool_missing(str(error))


def _command() -> list[str]:
    node = shutil.which("node")
    if node is None:
        raise MermaidUnavailableError(f"node is not installed: get Node 20 or newer, then run `{INSTALL_COMMAND}`")
    if not (MERMAID_FOLDER / "node_modules" / "mermaid").is_dir():
        raise MermaidUnavailableError(f"mermaid is not installed: run `{INSTALL_COMMAND}`")
    return [node, str(MERMAID_FOLDER / "parse.mjs")]
