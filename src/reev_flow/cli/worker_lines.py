"""What `reev-flow worker` says: a line for each thing that happens, for people or for programs."""

import sys
from collections import Counter
from typing import Any

import msgspec

from reev_flow.cli import EXIT_FAILED, EXIT_UNUSABLE
from reev_flow.cli.hints import Hints
from reev_flow.cli.line_writer import LineWriter
from reev_flow.cli.output import tell, told_line
from reev_flow.runtime.worker_news import What, WorkerNews
from reev_flow.sessions.state import SessionState

EMPTY = (None, "", 0.0)
COMPLETED = "session {session_id} completed after {seconds:.1f} s"
LINES: dict[What, str] = {
    "begun": "session {session_id} of {flow} taken up: {detail}",
    "ended": "session {session_id} {state} after {seconds:.1f} s: {detail}; `{show}` shows where",
    "waiting": "session {session_id} waits for an answer; `{show}` shows what it asks",
    "left": "session {session_id} left as it is; another worker goes on with it",
    "lost": "session {session_id} lost: {detail}",
    "put_off": "session {session_id} left alone for {seconds:.1f} s: {detail}",
    "unknown": "sessions of {flow} are left alone: no --app has that flow",
    "trouble": "nothing can be taken up for now: {detail}",
}


class Teller:
    """Counts what it hears of, too. Lines are of JSON on standard output, or for people on standard error. Nobody has to read them."""

    def __init__(self, hints: Hints, *, is_json: bool) -> None:
        self._hints = hints
        self._is_json = is_json
        self._lines = LineWriter(sys.stdout if is_json else sys.stderr)
        self._ended: Counter[SessionState] = Counter()
        self._is_stuck = False

    @property
    def exit_code(self) -> int:
        """Of one that was not stopped."""
        if self._is_stuck:
            return EXIT_UNUSABLE
        return EXIT_FAILED if self._ended.total() > self._ended[SessionState.COMPLETED] else 0

    def begin(self, line: str) -> None:
        if not self._is_json:
            self._lines.write(told_line(line))

    def hear(self, news: WorkerNews) -> None:
        self._is_stuck = self._is_stuck or news.what in {"put_off", "trouble"}
        if news.what == "ended" and news.state is not None:
            self._ended[news.state] += 1
        is_json = self._is_json
        self._lines.write(
            msgspec.json.encode(document(news)).decode() if is_json else told_line(told(news, self._hints))
        )

    def end(self) -> None:
        if not self._is_json:
            told_ends = ", ".join(f"{count:,} {_word(state)}" for state, count in sorted(self._ended.items()))
            self._lines.write(told_line(f"stopped; {told_ends or 'no session ended'}"))
        self.close()
        if self._lines.left_out and self._is_json:
            tell(f"{self._lines.left_out:,} lines were left out: nobody read them")

    def close(self) -> None:
        """Once nothing more is to be told, however the worker ended."""
        self._lines.close()


def begun_line(location: str, concurrent: int, flows: tuple[str, ...]) -> str:
    of = f" of {', '.join(flows)}" if flows else " of plans"
    return f"taking up sessions{of}, up to {concurrent:,} at once, in {location}; Ctrl-C stops"


def document(news: WorkerNews) -> dict[str, Any]:
    facts = msgspec.to_builtins(news)
    return {"event": facts.pop("what")} | {name: value for name, value in facts.items() if value not in EMPTY}


def told(news: WorkerNews, hints: Hints) -> str:
    is_well = news.state is SessionState.COMPLETED
    line = COMPLETED if news.what == "ended" and is_well else LINES[news.what]
    facts = {name: getattr(news, name) for name in ("session_id", "flow", "detail", "seconds")}
    return line.format(**facts, state=_word(news.state), show=hints.show(news.session_id))


def _word(state: SessionState | None) -> str:
    return "" if state is None else state.value.replace("_", " ")
