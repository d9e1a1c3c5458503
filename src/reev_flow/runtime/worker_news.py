"""What a worker tells of the sessions that it takes up."""

import asyncio
from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from reev_flow.sessions.state import SessionState

What: TypeAlias = Literal[
    "begun",  # taken up; `detail` is why
    "ended",  # in `state`; `detail` is what went wrong
    "waiting",  # for an answer
    "left",  # in good order, because the worker stops
    "lost",  # another worker has it, or the store failed; `detail` is which
    "put_off",  # it did not get on; `seconds` is for how long, `detail` why
    "unknown",  # `flow` is none of the worker's
    "trouble",  # the store cannot be looked through
]


class WorkerNews(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `seconds` is how long the session was worked on, unless it is said otherwise."""

    what: What
    session_id: str = ""
    flow: str = ""
    state: SessionState | None = None
    detail: str = ""
    seconds: float = 0.0


def harmless(tell: Callable[[WorkerNews], None]) -> Callable[[WorkerNews], None]:
    """A session must not be left in the middle because somebody else's `tell` raises: the event loop is told of that instead."""

    def tell_in_spite(news: WorkerNews) -> None:
        try:
            tell(news)
        except Exception as error:  # noqa: BLE001 - whatever it raises
            context = {
                "message": f"telling that {news.session_id or news.flow} is {news.what} failed",
                "exception": error,
            }
            asyncio.get_running_loop().call_exception_handler(context)

    return tell_in_spite


def keep_quiet(_: WorkerNews) -> None:
    """For when nobody wants to know."""
