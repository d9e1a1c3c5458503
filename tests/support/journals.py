"""Journals written by hand: what workers would have noted, second by second."""

from typing import Any

from msgspec.structs import replace

from reev_flow.collect.assemble import assemble_one
from reev_flow.collect.journal_spans import spans_of
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.journal import Effect, EntryKind, JournalEntry, read_entry
from reev_flow.sessions.records import Answer, Began, Change, Failure, Question, Record, Stop, Verdict
from reev_flow.sessions.restoring import brought_back
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore, Write
from reev_flow.sessions.told import told
from reev_flow.trace.run import RunRecord
from reev_flow.trace.trace import Trace
from reev_flow.values.tagged import encode
from support.sessions import NS, START_NS, chained, new_session, written


def at(second: float) -> int:
    return START_NS + int(second * NS)


class Story:
    """One session and its journal so far. Seconds count from its creation."""

    def __init__(self, session_id: str = "s-1", *, flow: str = "swap_then_lend", **facts: Any) -> None:
        standard: dict[str, Any] = {"arguments": encode([[250], {"asset": "USDC"}]), "epoch": 1}
        self.session: SessionData = new_session(session_id, **({"flow": flow} | standard | facts))
        self.entries: list[JournalEntry] = []
        self._open: dict[str, int] = {}

    def note(self, kind: EntryKind, value: Record | bytes, second: float, about: tuple[str, int] = ("", 0)) -> None:
        """`about` is a step and the number of its attempt."""
        entry = JournalEntry(
            number=len(self.entries) + 1,
            kind=kind,
            time_ns=at(second),
            epoch=self.session.epoch,
            step=about[0],
            attempt=about[1],
            effect=Effect.ASK if kind is EntryKind.STARTED else None,
            value=value if isinstance(value, bytes) else value.encoded(),
        )
        entry = chained(self.session.chain, self.session.session_id, entry)
        self.entries.append(entry)
        self.session = replace(
            self.session,
            entries=entry.number,
            chain=entry.chain,
            updated_ns=max(entry.time_ns, self.session.updated_ns),
        )

    def become(self, state: SessionState, second: float, **facts: Any) -> None:
        self.note(EntryKind.STATE, Change(state=state, **facts), second)
        self.session = replace(self.session, state=state, ended_ns=at(second) if state.is_end else None)

    def run(self, second: float = 0) -> "Story":
        self.become(SessionState.RUNNING, second)
        return self

    def start(self, step: str, second: float, *args: Any, operation: str = "step", **kwargs: Any) -> None:
        attempt = self._open[step] = self._open.get(step, 0) + 1
        name = step.rpartition("/")[2].partition("#")[0].partition("[")[0]
        began = Began(name=name, operation=operation, arguments=encode([list(args), kwargs]))
        self.note(EntryKind.STARTED, began, second, (step, attempt))

    def finish(self, step: str, second: float, result: object = None) -> None:
        self.note(EntryKind.FINISHED, encode(result), second, (step, self._open[step]))

    def fail(self, step: str, second: float, error: Exception, *, is_final: bool = True) -> None:
        kind = f"{type(error).__module__}:{type(error).__qualname__}"
        failure = Failure(kind=kind, message=str(error), is_final=is_final)
        self.note(EntryKind.FAILED, failure, second, (step, self._open.get(step, 1)))

    def do(self, step: str, begin: float, end: float, *args: Any, result: object = None, **kwargs: Any) -> None:
        self.start(step, begin, *args, **kwargs)
        self.finish(step, end, result)

    def stop(self, step: str, second: float, *, heard: float | None = None, reason: str = "its worker is gone") -> None:
        stop = Stop(heard_ns=None if heard is None else at(heard), reason=reason)
        self.note(EntryKind.INTERRUPTED, stop, second, (step, self._open[step]))

    def next_worker(self) -> None:
        self.session = replace(self.session, epoch=self.session.epoch + 1)

    def take_over(self, second: float, *steps: str, heard: float) -> None:
        """The next worker notes that the former one is gone, and in the middle of which steps it was; then it goes on."""
        self.next_worker()
        self.become(SessionState.INTERRUPTED, second, heard_ns=at(heard), reason="its worker is gone")
        for step in steps:
            self.stop(step, second, heard=heard)
        self.become(SessionState.RUNNING, second)

    def come_back(self, second: float, *, heard: float, backup: str = "backup-1") -> None:
        """From a backup, which knows what was noted so far."""
        write = brought_back(self.session, self.entries, backup, heard_ns=at(heard), now_ns=at(second))
        assert write is not None
        self.entries += [read_entry(entry) for entry in write.entries]
        self.session = write.session

    def ask(self, step: str, second: float, text: str, *, in_doubt: bool = False, number: int = 1) -> None:
        self.note(EntryKind.ASKED, Question(text=text, in_doubt=in_doubt), second, (step, number))

    def answer(self, step: str, second: float, value: object, *, number: int = 1) -> None:
        answer = Answer(value=encode(value), sent_ns=at(second), sender="ada")
        self.note(EntryKind.ANSWERED, answer, second, (step, number))

    def settle(self, step: str, second: float, *, happened: bool, result: object = None) -> None:
        verdict = Verdict(happened=happened, result=encode(result) if happened else b"", by="person")
        self.note(EntryKind.SETTLED, verdict, second, (step, self._open[step]))

    def end(self, second: float, state: SessionState = SessionState.COMPLETED, **facts: Any) -> "Story":
        self.become(state, second)
        if "result" in facts:
            facts["result"] = encode(facts["result"])
        self.session = replace(self.session, **facts)
        return self

    def record(self) -> RunRecord:
        return told(self.session, self.entries)

    def trace(self) -> Trace:
        return assemble_one(spans_of(self.record()))

    def keep_in(self, store: SessionStore) -> None:
        """As its workers would have: each claims the session and writes its part."""
        bare = new_session(self.session.session_id, flow=self.session.flow, arguments=self.session.arguments)
        store.create(replace(bare, trace_id=self.session.trace_id, created_ns=self.session.created_ns)).result()
        for epoch in range(1, self.session.epoch + 1):
            lease = store.claim(self.session.session_id, f"worker-{epoch}", 60.0).result()
            own = [entry for entry in self.entries if entry.epoch == epoch]
            store.append(Write(session=self._as_of(own[:1]), entries=written(*own[:1]))).result()
            after = self.session if epoch == self.session.epoch else self._as_of(own)
            store.append(Write(session=after, entries=written(*own[1:]))).result()
            store.release(lease).result()

    def _as_of(self, entries: list[JournalEntry]) -> SessionData:
        """While its worker lived."""
        last = entries[-1]
        return replace(
            self.session,
            state=SessionState.RUNNING,
            epoch=last.epoch,
            entries=last.number,
            chain=last.chain,
            updated_ns=last.time_ns,
            ended_ns=None,
            result=b"",
            error="",
        )


def killed_and_resumed() -> Story:
    """Three steps; the worker is killed in the second, and the next one finishes the run."""
    story = Story().run(0)
    story.do("get_quote#1", 0, 2, 250, result={"price": 1.5}, operation="tool")
    story.start("submit_swap#1", 2, {"price": 1.5}, operation="tool")
    story.take_over(20, "submit_swap#1", heard=5)
    story.do("submit_swap#1", 20, 24, {"price": 1.5}, result={"tx": "0xabc"}, operation="tool")
    story.do("deposit[0xabc]", 24, 30, result="deposited", tx="0xabc")
    return story.end(30, result={"status": "done"})


def asked_and_answered() -> Story:
    story = Story(flow="buy").run(0)
    story.do("find_offer#1", 0, 1, result="offer 7")
    story.ask("ask#1", 1, "buy offer 7 for 30 €?")
    story.become(SessionState.WAITING, 1)
    story.next_worker()
    story.answer("ask#1", 3_601, value=True)
    story.become(SessionState.RUNNING, 3_601)
    story.do("buy#1", 3_601, 3_603, "offer 7", result="bought")
    return story.end(3_603, result="bought")
