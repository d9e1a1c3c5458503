"""Durable steps of Burr with its SQLite persisters: run by session_peers.py. A step is an action that leads to itself."""

import asyncio
import os
import sys
from itertools import count
from pathlib import Path
from typing import Any

from burr.core import (  # type: ignore[import-not-found]  # only there where it is measured
    ApplicationBuilder,
    State,
    action,
    expr,
)
from burr.core.persistence import SQLitePersister  # type: ignore[import-not-found]  # as above
from burr.integrations.persisters.b_aiosqlite import AsyncSQLitePersister  # type: ignore[import-not-found]  # as above

from peer_report import report
from session_work import EACH, FLOWS, Gate, give

gate = Gate()
applications = count()
held: set[asyncio.Task[Any]] = set()


def step(state: State) -> State:
    return state.update(done=state["done"] + 1, result=give(state["done"]))


async def step_soon(state: State) -> State:
    if state["is_held"] and state["done"] + 1 == state["of"]:
        await gate.hold()
    return step(state)


def end(state: State) -> State:
    return state


def _action(function: Any) -> Any:
    return action(reads=["done", "of", "is_held", "result"], writes=["done", "result"])(function)


def builder(function: Any, persister: Any, steps: int, *, is_held: bool = False) -> Any:
    return (
        ApplicationBuilder()
        .with_actions(step=_action(function), end=action(reads=[], writes=[])(end))
        .with_transitions(("step", "step", expr("done < of")), ("step", "end"))
        .with_state(done=0, of=steps, is_held=is_held, result={})
        .with_entrypoint("step")
        .with_identifiers(app_id=str(next(applications)))
        .with_state_persister(persister)
    )


class InMany:
    """The persister for coroutines belongs to one event loop, so it is opened in it."""

    def __init__(self, database: Path) -> None:
        self._database = str(database)
        self._persister: Any = None

    async def together(self) -> None:
        await asyncio.gather(*[await self._run(EACH) for _ in range(FLOWS)])

    async def hold_more(self, number: int) -> None:
        held.update([asyncio.create_task(await self._run(3, is_held=True)) for _ in range(number)])

    async def _run(self, steps: int, *, is_held: bool = False) -> Any:
        if self._persister is None:
            self._persister = await AsyncSQLitePersister.from_values(self._database)
            await self._persister.initialize()
        application = await builder(step_soon, self._persister, steps, is_held=is_held).abuild()
        return application.arun(halt_after=["end"])


def main(what: str, folder: Path) -> None:
    database = folder / "burr.db"
    persister = SQLitePersister.from_values(str(database), connect_kwargs={"check_same_thread": False})
    persister.initialize()
    many = InMany(database)
    report(
        what,
        database,
        alone=lambda steps: builder(step, persister, steps).build().run(halt_after=["end"]),
        together=many.together,
        hold_more=many.hold_more,
        gate=gate,
    )
    os._exit(0)  # its threads would go on


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
