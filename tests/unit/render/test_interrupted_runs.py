"""A run over several workers, as it is explained and drawn."""

from collections.abc import Callable

import pytest

from reev_flow.analysis.insights import FlowInsights
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.renderer import TraceRenderer
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.sessions.state import SessionState
from reev_flow.trace.trace import Trace
from support.journals import Story, asked_and_answered, killed_and_resumed
from support.mermaid_parser import MermaidParser

STORIES: list[Callable[[], Story]] = [killed_and_resumed, asked_and_answered]


def explained(story: Story) -> FlowInsights:
    return TraceProcessor().process_trace(story.trace())


def drawn(story: Story) -> str:
    return TraceRenderer(options=TerminalOptions(width=120)).render(explained(story))


def path(trace: Trace, insights: FlowInsights) -> list[tuple[str, int]]:
    return [
        (trace.spans[segment.position].label, segment.duration_ns // 1_000_000_000)
        for segment in insights.spans.flow_path
    ]


def test_all_time_is_explained():
    insights = explained(killed_and_resumed())
    assert path(insights.trace, insights) == [
        ("get_quote", 2),
        ("submit_swap", 3),
        ("down", 15),
        ("submit_swap", 4),
        ("deposit", 6),
    ]


@pytest.mark.parametrize("story", STORIES)
def test_the_path_sums_to_the_run(story: Callable[[], Story]):
    insights = explained(story())
    assert sum(segment.duration_ns for segment in insights.spans.path) == insights.trace.duration_ns


def test_waiting_for_a_person_is_on_the_path():
    insights = explained(asked_and_answered())
    assert path(insights.trace, insights) == [("find_offer", 1), ("ask", 3_600), ("buy", 2)]


@pytest.mark.parametrize("story", STORIES)
def test_a_run_that_went_on_has_no_findings(story: Callable[[], Story]):
    assert explained(story()).findings == ()


@pytest.mark.parametrize("story", STORIES)
def test_a_run_that_went_on_has_no_problems(story: Callable[[], Story]):
    assert explained(story()).trace.problems == ()


def test_a_run_that_is_down_is_only_told_to_be_in_doubt():
    story = Story().run()
    story.start("pay#1", 1, operation="tool")
    story.next_worker()
    insights = explained(story)
    assert [finding.code for finding in insights.findings] == ["RF402"]
    assert insights.metrics.failed_tool_calls == 1


def test_tool_calls_of_all_attempts_are_there():
    calls = explained(killed_and_resumed()).tool_calls
    assert [(call.name, call.error) for call in calls] == [
        ("get_quote", None),
        ("submit_swap", "interrupted"),
        ("submit_swap", None),
    ]


def test_the_tree_shows_what_was_interrupted_and_when_nobody_worked():
    text = drawn(killed_and_resumed())
    assert "✗ tool submit_swap interrupted" in text
    assert "├ down  " in text
    assert "took     30.0 s, ok" in text


def test_the_tree_shows_what_was_waited_for():
    assert "├ waiting: ask " in drawn(asked_and_answered())


def test_the_tree_tells_what_was_found_out():
    story = Story().run()
    story.start("pay#1", 1)
    story.take_over(20, "pay#1", heard=3)
    story.settle("pay#1", 21, happened=True)
    assert "✗ step pay interrupted; it happened" in drawn(story.end(22))


def test_the_diagram_says_interrupted_and_not_failed():
    diagram = explained(killed_and_resumed()).diagram
    assert 'n2[["tool submit_swap\ninterrupted · 3.00 s"]]' in diagram
    assert "6 operations · 1 interrupted" in diagram
    assert 'n3["down\n15.0 s"]' in diagram
    assert "Red#58; failed or interrupted." in diagram


def test_interrupted_and_failed_attempts_are_counted_apart():
    story = Story().run()
    for second in range(0, 60, 10):
        story.start("poll#1", second)
        story.take_over(second + 9, "poll#1", heard=second + 1)
    for second in range(60, 66, 2):
        story.start("poll#1", second)
        story.fail("poll#1", second + 1, OSError("busy"), is_final=False)
    diagram = explained(story.end(70)).diagram
    assert "3 failed, 6 interrupted" in diagram


def test_a_cancelled_run_failed_on_purpose():
    story = Story().run().end(5, SessionState.CANCELLED, error="no longer wanted")
    assert explained(story).findings == ()
    assert "cancelled: no longer wanted" in drawn(story)


@pytest.mark.parametrize("story", STORIES)
def test_the_diagrams_can_be_drawn(story: Callable[[], Story], mermaid: MermaidParser):
    assert mermaid.parse(explained(story()).diagram)
