"""What `reev-flow worker` says: a line for each thing that happens, for people or for programs."""

from collections import Counter
from contextlib import suppress
from typing import Any, TextIO

import msgspec

from reev_flow.cli import EXIT_FAILED, EXIT_UNUSABLE
from reev_flow.cli.hints import Hints
from reev_flow.cli.output import tell
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
    """Counts what it hears of, too. `lines` is where lines of JSON go; without it they are for people, on standard error."""

    def __init__(self, hints: Hints, lines: TextIO | None) -> None:
        self._hints = hints
        self._lines = lines
        self._ended: Counter[SessionState] = Counter()
        self._is_stuck = False

    @property
    def exit_code(self) -> int:
        """Of one that was not stopped."""
        if self._is_stuck:
            return EXIT_UNUSABLE
        return EXIT_FAILED if self._ended.total() > self._ended[SessionState.COMPLETED] else 0

    def begin(self, line: str) -> None:
        if self._lines is None:
            tell(line)

    def hear(self, news: WorkerNews) -> None:
        self._is_stuck = self._is_stuck or news.what in {"put_off", "trouble"}
        if news.what == "ended" and news.state is not None:
            self._ended[news.state] += 1
        if self._lines is None:
            tell(told(news, self._hints))
            return
        with suppress(OSError):  # nobody reads along any longer, and the sessions are what counts
            self._lines.write(msgspec.json.encode(document(news)).decode() + "\n")
            self._lines.flush()

    def end(self) -> None:
        if self._lines is None:
            told_ends = ", ".join(f"{count:,} {_word(state)}" for state, count in sorted(self._ended.items()))
            tell(f"stopped; {told_ends or 'no session ended'}")


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
