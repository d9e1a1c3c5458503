"""What people see of sessions, approved line by line."""

from datetime import timedelta, timezone

import pytest

from reev_flow.cli.hints import Hints
from reev_flow.cli.session_lines import session_list
from reev_flow.cli.session_standing import Seen
from reev_flow.cli.session_view import view_of
from reev_flow.cli.sessions.show import session_page
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.sessions.state import SessionState
from reev_flow.stores.memory import MemorySessionStore
from support.golden import assert_golden
from support.journals import Story
from support.sessions import START_NS, new_session

ZONE = timezone(timedelta(hours=2))


def in_doubt() -> Story:
    """Quoted, killed while paying, taken up by the next worker, who asks; and a failed step that is tried again."""
    story = Story("swap_then_lend-0123456789abcdef", entry_point="bank:swap_then_lend").run(0)
    story.do("quote#1", 0.5, 0.75, 250, result={"price": 1.25})
    story.start("lookup[a b]", 0.75)
    story.fail("lookup[a b]", 1.5, TimeoutError("no answer\x1b[2J"), is_final=False)
    story.do("lookup[a b]", 2.5, 2.75, result=["x"] * 40)
    story.start("pay#1", 3, 250, to="somebody")
    story.take_over(60, "pay#1", heard=4)
    story.ask("pay#1", 60.5, "step pay was interrupted: did it happen?", in_doubt=True)
    story.ask("ask[limit]", 60.5, "How much at most?")
    story.become(SessionState.WAITING, 61)
    return story


def page(story: Story, options: TerminalOptions) -> str:
    store = MemorySessionStore()
    story.keep_in(store)
    view = view_of(store, store.load(story.session.session_id).result())
    return session_page(view, Hints(store="my store"), options, with_journal=True)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("wide", TerminalOptions(zone=ZONE, width=120)),
        ("narrow", TerminalOptions(zone=ZONE, width=40)),
        ("ascii", TerminalOptions(zone=ZONE, is_unicode=False)),
    ],
)
def test_a_session_in_doubt(name: str, options: TerminalOptions):
    assert_golden(f"session_in_doubt_{name}.txt", page(in_doubt(), options))


def test_a_session_that_failed():
    story = Story("s-1").run(0)
    story.start("pay#1", 1)
    story.fail("pay#1", 2, ValueError("no luck"))
    story.end(3, SessionState.FAILED, error="ValueError: no luck")
    assert_golden("session_failed.txt", page(story, TerminalOptions(zone=ZONE)))


def test_a_session_whose_worker_is_gone():
    story = Story("s-1").run(0)
    story.do("quote#1", 1, 2, result=4)
    story.start("pay#1", 2)
    assert_golden("session_without_worker.txt", page(story, TerminalOptions(zone=ZONE)))


@pytest.mark.parametrize("width", [24, 40, 60, 80, 120])
def test_a_list_of_sessions(width: int):
    ages = {"swap_then_lend-0123456789abcdef": 61, "swap_then_lend-0123456700000000": 4_000, "nightly": 200_000}
    sessions = [Seen(session=new_session(name, second=-age)) for name, age in ages.items()]
    sessions.append(Seen(session=new_session("left", second=-300_000), is_worker_gone=True))
    options = TerminalOptions(zone=ZONE, width=width)
    assert_golden(f"session_list_{width}.txt", session_list(sessions, START_NS, options))
