"""One run in every format."""

import msgspec
import pytest

from reev_flow.analysis.insights import Parts
from reev_flow.errors import PartSwitchedOff
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.renderer import TraceRenderer
from reev_flow.render.terminal_options import TerminalOptions
from support.draw import draw

INSIGHTS = TraceProcessor().process_trace(draw("llm:gpt  ####  in=5 out=1"))


def test_the_terminal_is_the_default():
    assert TraceRenderer().render(INSIGHTS).startswith("run")


def test_options_are_for_the_terminal():
    assert "\x1b[" in TraceRenderer(options=TerminalOptions(has_color=True)).render(INSIGHTS)


def test_mermaid_is_the_diagram():
    assert TraceRenderer("mermaid").render(INSIGHTS) == INSIGHTS.diagram


def test_json_is_the_document():
    assert msgspec.json.decode(TraceRenderer("json").render(INSIGHTS))["run"]["name"] == "gpt"


def test_an_unknown_format_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="no format 'svg'; there are terminal, mermaid, json"):
        TraceRenderer("svg")  # type: ignore[arg-type]


def test_a_diagram_that_is_switched_off_is_not_drawn():
    insights = TraceProcessor(parts=Parts(diagram=False)).process_trace(draw("llm:gpt  ####"))

    with pytest.raises(PartSwitchedOff):
        TraceRenderer("mermaid").render(insights)
