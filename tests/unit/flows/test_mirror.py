"""Spans of what a session records are told while somebody hears them, and only then."""

from collections.abc import Callable

import pytest

from reev_flow.flows.mirror import Mirror
from reev_flow.trace.span import Span
from support.journals import Story, at


class Listener:
    """Hears what it is told once it is there."""

    def __init__(self) -> None:
        self.is_there = False
        self.spans: list[Span] = []

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def mirror(listener: Listener) -> Mirror:
    return Mirror(listener.spans.append, is_heard=lambda: listener.is_there)


def pass_on(mirror: Mirror, story: Story, *events: Callable[[], object]) -> None:
    for happen in events:
        happen()
        mirror(story.entries[-1], story.session)


def test_what_ends_is_told_to_who_hears(mirror: Mirror, listener: Listener):
    story = Story()
    listener.is_there = True
    pass_on(mirror, story, story.run, lambda: story.start("pay#1", 1), lambda: story.finish("pay#1", 2))
    assert listener.names == ["pay"]
    pass_on(mirror, story, lambda: story.end(3))
    assert listener.names == ["pay", "invoke_workflow swap_then_lend"]


def test_while_nobody_hears_nothing_is_told(mirror: Mirror, listener: Listener):
    story = Story()
    pass_on(mirror, story, story.run, lambda: story.start("pay#1", 1), lambda: story.finish("pay#1", 2))
    pass_on(mirror, story, lambda: story.end(3))
    assert listener.names == []


def test_who_comes_later_is_told_what_ends_from_then_on_with_its_whole_length(mirror: Mirror, listener: Listener):
    story = Story()
    pass_on(mirror, story, story.run, lambda: story.start("pay#1", 1), lambda: story.finish("pay#1", 2))
    pass_on(mirror, story, lambda: story.start("ship#1", 3))
    listener.is_there = True
    pass_on(mirror, story, lambda: story.finish("ship#1", 5), lambda: story.end(6))
    assert [(span.name, span.start_ns, span.end_ns) for span in listener.spans] == [
        ("ship", at(3), at(5)),
        ("invoke_workflow swap_then_lend", at(0), at(6)),
    ]


def test_who_goes_away_is_told_no_more(mirror: Mirror, listener: Listener):
    story = Story()
    listener.is_there = True
    pass_on(mirror, story, story.run, lambda: story.start("pay#1", 1), lambda: story.finish("pay#1", 2))
    listener.is_there = False
    pass_on(mirror, story, lambda: story.end(3))
    assert listener.names == ["pay"]
