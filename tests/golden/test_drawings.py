"""What people see of a run, approved line by line."""

from datetime import timedelta, timezone

import pytest

from reev_flow.analysis.insights import FlowInsights
from reev_flow.pipeline import TraceProcessor, read_traces
from reev_flow.render.renderer import TraceRenderer
from reev_flow.render.terminal import terminal_text
from reev_flow.render.terminal_options import TerminalOptions
from support.golden import assert_golden
from support.samples import RECORDED

ZONE = timezone(timedelta(hours=2))
RUNS = ("demo", "langgraph_faulty", "openai_agents_clean", "genai_openai_model_calls_only")


def insights_of(run: str) -> FlowInsights:
    trace = read_traces(RECORDED / f"{run}.otlp.jsonl")[0]
    return TraceProcessor().process_trace(trace)


@pytest.mark.parametrize("run", RUNS)
def test_the_diagram_of_a_recorded_run(run: str):
    assert_golden(f"{run}.mmd", insights_of(run).diagram)


@pytest.mark.parametrize("run", RUNS)
def test_a_recorded_run_on_a_terminal(run: str):
    assert_golden(f"{run}.txt", terminal_text(insights_of(run), TerminalOptions(zone=ZONE)))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("wide", TerminalOptions(zone=ZONE, width=120)),
        ("narrow", TerminalOptions(zone=ZONE, width=40)),
        ("folded", TerminalOptions(zone=ZONE, rows=20)),
        ("ascii", TerminalOptions(zone=ZONE, is_unicode=False)),
        ("colour", TerminalOptions(zone=ZONE, has_color=True)),
    ],
)
def test_the_demo_on_other_terminals(name: str, options: TerminalOptions):
    assert_golden(f"demo_{name}.txt", terminal_text(insights_of("demo"), options))


def test_the_document_of_a_recorded_run():
    assert_golden("openai_agents_clean.json", TraceRenderer("json").render(insights_of("openai_agents_clean")))
