"""A run of `reev-flow demo`, read from what it left: without the demo's own word for it."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from support.command import reev_flow

Document = dict[str, Any]


class TallyLine(NamedTuple):
    """What a tool wrote down when it began or ended."""

    process: int
    tool: str
    what: str


class Seen(msgspec.Struct, frozen=True):
    """The tally, the report, the journal and the explanation of one run."""

    tally: tuple[TallyLine, ...]
    report: str
    journal: list[Document]
    document: Document

    @property
    def spans(self) -> list[Document]:
        spans: list[Document] = self.document["spans"]
        return spans

    @property
    def begun_by_tally(self) -> Counter[str]:
        return self._tallied("begins")

    @property
    def ended_by_tally(self) -> Counter[str]:
        return self._tallied("ends")

    @property
    def failed_by_tally(self) -> Counter[str]:
        return self._tallied("fails")

    def _tallied(self, what: str) -> Counter[str]:
        return Counter(line.tool for line in self.tally if line.what == what)

    @property
    def begun_by_journal(self) -> Counter[str]:
        return Counter(entry["value"]["name"] for entry in _tools_started(self.journal))

    @property
    def ended_by_journal(self) -> Counter[str]:
        return self._journalled("finished")

    @property
    def failed_by_journal(self) -> Counter[str]:
        return self._journalled("failed")

    def _journalled(self, kind: str) -> Counter[str]:
        names = {entry["step"]: entry["value"]["name"] for entry in _tools_started(self.journal)}
        return Counter(
            names[entry["step"]] for entry in self.journal if entry["kind"] == kind and entry["step"] in names
        )

    @property
    def begun_by_trace(self) -> Counter[str]:
        return Counter(span["label"] for span in self.spans if span["operation"] == "tool")

    @property
    def begun_steps(self) -> Counter[str]:
        return Counter(entry["step"] for entry in self.journal if entry["kind"] == "started")

    def left_open(self, entries: Sequence[Document]) -> list[Document]:
        """What began and did not end in them."""
        ended = {(entry["step"], entry["attempt"]) for entry in entries if entry["kind"] in {"finished", "failed"}}
        started = (entry for entry in entries if entry["kind"] == "started")
        return [entry for entry in started if (entry["step"], entry["attempt"]) not in ended]


def _tools_started(journal: Iterable[Document]) -> list[Document]:
    return [entry for entry in journal if entry["kind"] == "started" and entry["value"]["operation"] == "tool"]


def look_at(session_id: str, folder: Path) -> Seen:
    """The run of that session, of a demo that was started in that folder."""
    left = folder / "logs" / "demo" / session_id
    lines = (line.split() for line in (left / "tally.txt").read_text(encoding="utf-8").splitlines())
    return Seen(
        tally=tuple(TallyLine(int(process), tool, what) for process, tool, what in lines),
        report=(left / "report.md").read_text(encoding="utf-8"),
        journal=_asked(folder, "sessions", "show", session_id, "--journal")["journal"],
        document=_asked(folder, "analyze", session_id)["runs"][0],
    )


def _asked(folder: Path, *arguments: str) -> Document:
    done = reev_flow(*arguments, "--store", Path("logs", "demo"), "--json", cwd=folder)
    assert done.code == 0, done.err
    answer: Document = json.loads(done.out)
    return answer
