"""`reev-flow sessions recover`: goes on with every session that was left in the middle."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from reev_flow.cli import EXIT_FAILED, EXIT_UNUSABLE
from reev_flow.cli.apps import load_app, load_tools, search_current_folder
from reev_flow.cli.hints import Hints
from reev_flow.cli.json_document import write_document
from reev_flow.cli.managed import run_managed
from reev_flow.cli.options import App, AsJson, Store, Tools
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_lines import session_summary, told_state
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import NoStore, opened
from reev_flow.cli.stop_signals import StopSignals
from reev_flow.cli.tables import table
from reev_flow.clock import SystemClock
from reev_flow.errors import LeaseHeld, SessionWaiting
from reev_flow.flows.code import Flow
from reev_flow.render.terminal_options import options_for
from reev_flow.runtime.inbox import need_not_wait
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.recovering import not_over
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore

HEAD = ("session", "now", "")


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one session; `error` is what its run raised."""

    session: SessionData
    error: Exception | None

    @property
    def has_failed(self) -> bool:
        return self.session.state.is_end and self.session.state is not SessionState.COMPLETED

    @property
    def is_stuck(self) -> bool:
        """It could not go on, and neither a question nor another worker is why."""
        is_known = self.error is None or isinstance(self.error, SessionWaiting | LeaseHeld)
        return not self.session.state.is_end and not is_known

    def told(self, hints: Hints) -> str:
        session_id = self.session.session_id
        if isinstance(self.error, SessionWaiting):
            return f"`{hints.show(session_id)}` shows what it asks"
        if isinstance(self.error, LeaseHeld):
            return "left to its worker, which is not known to be gone"
        return self.session.error or ("" if self.error is None else str(self.error))


def recover(*, app: App = None, tools: Tools = None, store: Store = None, json: AsJson = False) -> int:
    """Go on with every session that was interrupted, whose worker is gone, or whose answer has come.

    --app is used for the sessions of its flow, or, when it runs steps, for those of plans; the others find their own code.
    """
    place, hints = place_of(store), Hints(store=store or "", app=app or "", tools=tools or "")
    search_current_folder()
    code = None if app is None else load_app(app)
    given = None if tools is None else load_tools(tools)
    try:
        with opened(place):
            pass
    except NoStore as none:
        tell(str(none))
        _tell([], none.location, hints, is_json=json)
        return 0
    return _recover_there(place, code, given, hints, is_json=json)


def _recover_there(place: str, code: Any, tools: Mapping[str, Any] | None, hints: Hints, *, is_json: bool) -> int:
    left: list[SessionData] = []

    async def start(manager: SessionManager) -> list[Exception | None]:
        left.extend(await _left_in_the_middle(manager.store))
        return await asyncio.gather(*(_go_on(manager, one, code, tools) for one in left))

    async def conclude(
        running: "asyncio.Task[list[Exception | None]]", kept: SessionStore, signals: StopSignals
    ) -> int:
        ends = running.result() if running.done() and not running.cancelled() else [None] * len(left)
        recoveries = [await _recovery(kept, one, end) for one, end in zip(left, ends, strict=True)]
        _tell(recoveries, kept.location, hints, is_json=is_json)
        if signals.received is not None:
            tell(f"stopped; `{hints.recover()}` goes on with what was left")
            return signals.exit_code
        return _exit_code(recoveries)

    on_no_end = f"some sessions were left in the middle; `{hints.recover()}` goes on"
    return run_managed(place, start, conclude, on_no_end=on_no_end, is_json=is_json)


async def _left_in_the_middle(store: SessionStore) -> list[SessionData]:
    """The oldest first; of those that wait, only those that need not wait any longer."""
    now_ns = SystemClock().now_ns()
    return [
        one
        for one in reversed(await not_over(store, now_ns))
        if one.state is not SessionState.WAITING or await need_not_wait(store, one.session_id, now_ns)
    ]


async def _go_on(
    manager: SessionManager, session: SessionData, code: Any, tools: Mapping[str, Any] | None
) -> Exception | None:
    """What its run raised."""
    is_for_it = session.flow == code.name if isinstance(code, Flow) else bool(session.definition)
    try:
        await manager.resume(session.session_id, code if is_for_it else None, tools=tools, wait=False)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
        return error
    return None


async def _recovery(store: SessionStore, session: SessionData, error: Exception | None) -> Recovery:
    now = await awaited(store.load(session.session_id))
    return Recovery(session=now, error=error)


def _exit_code(recoveries: Sequence[Recovery]) -> int:
    if any(one.is_stuck for one in recoveries):
        return EXIT_UNUSABLE
    return EXIT_FAILED if any(one.has_failed for one in recoveries) else 0


def _tell(recoveries: Sequence[Recovery], location: str, hints: Hints, *, is_json: bool) -> None:
    if is_json:
        told = [{**session_summary(one.session), "remark": one.told(hints)} for one in recoveries]
        write_document(store=location, sessions=told)
    elif recoveries:
        rows = [(one.session.session_id, told_state(one.session.state), one.told(hints)) for one in recoveries]
        write_text(table(HEAD, rows, options_for(sys.stdout, os.environ)))
    else:
        tell("no session was left in the middle")
