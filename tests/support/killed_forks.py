"""A session that is forked, and gone on with, by processes that are really killed; what it does is written into a ledger."""

import asyncio
import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from reev_flow.flows.code import Flow, flow
from reev_flow.flows.effects import Happened, NotHappened
from reev_flow.flows.handle import SessionHandle
from reev_flow.sessions.identity import idempotency_key
from reev_flow.stores.urls import open_session_store
from support.killed_payments import CHILD_SECONDS, NEVER, Edges, EdgyStore
from support.workers import worker

Probe: TypeAlias = Callable[[str], Happened | NotHappened]

LATER = ("pay", "ship")


def ordering(ledger: Path, edge: Edges) -> Flow[..., Any]:
    """Steps with effects, one of them beside others. Whoever asks what became of one looks into the ledger."""

    def has_happened(key: str) -> bool:
        return ledger.exists() and key in ledger.read_text().split()

    @flow(name="ordering")
    async def ordering(session: SessionHandle) -> list[str]:
        async def do(name: str) -> str:
            edge()
            with ledger.open("a") as lines:
                lines.write(f"{session.idempotency_key} {name}\n")
            edge()
            return f"{name} done"

        def probe_of(step: str) -> Probe:
            def probe(name: str) -> Happened | NotHappened:
                key = idempotency_key(session.session_id, step)
                return Happened(f"{name} done") if has_happened(key) else NotHappened()

            return probe

        async def one(name: str, step: str) -> str:
            return str(await session.step(do, name, name=name, on_interrupt=probe_of(step)))

        found = await session.gather(one("search", "gather#1:0/search#1"), one("beside", "gather#1:1/beside#1"))
        return [*found, *[await one(name, f"{name}#1") for name in LATER]]

    return ordering


async def _work(folder: Path, edge: Edges, *, forks: bool) -> None:
    store = open_session_store(folder / "store")
    ordered = ordering(folder / "ledger", edge)
    async with worker(EdgyStore(store, edge)) as manager:
        if forks:
            await manager.fork("s-1", "pay", new_id="s-2")
            result = await manager.resume("s-2", ordered)
        else:
            result = await manager.run(ordered, session_id="s-1")
    store.close()
    (folder / ("forked" if forks else "result")).write_text("\n".join(result))


def in_a_child(folder: Path, *, forks: bool, kill_at: int = NEVER) -> int:
    """How a process of its own ends that runs the flow, or forks it before it paid: 0, or minus the signal that killed it."""
    child = os.fork()
    if not child:
        signal.alarm(CHILD_SECONDS)
        try:
            asyncio.run(_work(folder, Edges(kill_at), forks=forks))
        except BaseException:  # noqa: BLE001 - nothing may get out of the child
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
