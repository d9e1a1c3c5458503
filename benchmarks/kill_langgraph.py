"""The trip as a graph of LangGraph with its SQLite saver, every step kept before the next (durability="sync"): run by kill_points.py.

The key of a node is the thread's id and the node's name.
"""

import operator
import sqlite3
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver  # type: ignore[import-not-found]  # only there where it is measured
from langgraph.graph import END, START, StateGraph  # type: ignore[import-not-found]  # as above
from langgraph.types import RetryPolicy  # type: ignore[import-not-found]  # as above

from kill_booking import OFFERS, SESSION_ID, Busy, Outside, keep_result
from kill_rounds import report


class Trip(TypedDict):
    prices: Annotated[list[int], operator.add]
    held: Annotated[list[str], operator.add]
    payment: str
    confirmed: Annotated[list[str], operator.add]


def _key(node: str) -> str:
    return f"{SESSION_ID}:{node}"


def graph_with(outside: Outside, saver: Any) -> Any:
    graph = StateGraph(Trip)
    retry = RetryPolicy(max_attempts=4, initial_interval=0.01, retry_on=Busy)
    graph.add_node("pay", lambda state: {"payment": outside.pay(sum(state["prices"]), _key("pay"))}, retry_policy=retry)
    for what in OFFERS:
        graph.add_node(f"search {what}", lambda _, what=what: {"prices": [outside.search(what)]})
        graph.add_node(f"hold {what}", lambda _, what=what: {"held": [outside.hold(what, _key(f"hold {what}"))]})
        held = f"hold {what}: done"
        graph.add_node(
            f"confirm {what}", lambda _, held=held: {"confirmed": [outside.confirm(held, _key(f"confirm {held}"))]}
        )
        graph.add_edge(START, f"search {what}")
        graph.add_edge(f"search {what}", f"hold {what}")
        graph.add_edge("pay", f"confirm {what}")
        graph.add_edge(f"confirm {what}", END)
    graph.add_edge([f"hold {what}" for what in OFFERS], "pay")
    return graph.compile(checkpointer=saver)


def book(folder: Path, *, honours_keys: bool) -> None:
    saver = SqliteSaver(sqlite3.connect(folder / "langgraph.db", check_same_thread=False))
    graph = graph_with(Outside(folder, honours_keys=honours_keys), saver)
    config = {"configurable": {"thread_id": SESSION_ID}}
    has_begun = bool(graph.get_state(config).values) or bool(graph.get_state(config).next)
    given = None if has_begun else {"prices": [], "held": [], "payment": "", "confirmed": []}
    state = graph.invoke(given, config, durability="sync")
    keep_result(folder, [state["payment"], *sorted(state["confirmed"])])


if __name__ == "__main__":
    report(book)
