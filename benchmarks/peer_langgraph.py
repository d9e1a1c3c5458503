"""Durable steps of LangGraph with its SQLite savers: run by session_peers.py. A step is a node that leads to itself."""

import asyncio
import os
import sqlite3
import sys
from itertools import count
from pathlib import Path
from typing import Any, TypedDict

import aiosqlite  # type: ignore[import-not-found]  # only there where it is measured
from langgraph.checkpoint.sqlite import SqliteSaver  # type: ignore[import-not-found]  # as above
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver  # type: ignore[import-not-found]  # as above
from langgraph.graph import END, START, StateGraph  # type: ignore[import-not-found]  # as above

from peer_report import report
from session_work import EACH, FLOWS, Gate, give

gate = Gate()
threads = count()
held: set[asyncio.Task[Any]] = set()


class Progress(TypedDict):
    done: int
    of: int
    is_held: bool
    result: dict[str, Any]


def step(state: Progress) -> dict[str, Any]:
    return {"done": state["done"] + 1, "result": give(state["done"])}


async def step_soon(state: Progress) -> dict[str, Any]:
    if state["is_held"] and state["done"] + 1 == state["of"]:
        await gate.hold()
    return step(state)


def graph_of(node: Any, saver: Any) -> Any:
    graph = StateGraph(Progress)
    graph.add_node("step", node)
    graph.add_edge(START, "step")
    graph.add_conditional_edges("step", lambda state: "step" if state["done"] < state["of"] else END, ["step", END])
    return graph.compile(checkpointer=saver)


def call_of(steps: int, *, is_held: bool = False) -> dict[str, Any]:
    return {
        "input": {"done": 0, "of": steps, "is_held": is_held, "result": {}},
        "config": {"configurable": {"thread_id": str(next(threads))}, "recursion_limit": steps + 10},
        "durability": "sync",
    }


class InMany:
    """The saver for coroutines belongs to one event loop, so it is opened in it."""

    def __init__(self, database: Path) -> None:
        self._database = str(database)
        self._graph: Any = None

    async def together(self) -> None:
        graph = await self._opened()
        await asyncio.gather(*(graph.ainvoke(**call_of(EACH)) for _ in range(FLOWS)))

    async def hold_more(self, number: int) -> None:
        graph = await self._opened()
        held.update(asyncio.create_task(graph.ainvoke(**call_of(3, is_held=True))) for _ in range(number))

    async def _opened(self) -> Any:
        if self._graph is None:
            self._graph = graph_of(step_soon, AsyncSqliteSaver(await aiosqlite.connect(self._database)))
        return self._graph


def main(what: str, folder: Path) -> None:
    database = folder / "langgraph.db"
    graph = graph_of(step, SqliteSaver(sqlite3.connect(database, check_same_thread=False)))
    many = InMany(database)
    report(
        what,
        database,
        alone=lambda steps: graph.invoke(**call_of(steps)),
        together=many.together,
        hold_more=many.hold_more,
        gate=gate,
    )
    os._exit(0)  # its threads would go on


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
