"""Other people's traces, drawn."""

from pathlib import Path

import pytest

from reev_flow.pipeline import TraceProcessor, read_traces
from reev_flow.render.document import document_of
from reev_flow.render.terminal import terminal_text
from support.mermaid_parser import MermaidParser
from support.samples import needs_samples, sample_files

pytestmark = needs_samples

FILES = [path for folder in ("traces", "hostile") for path in sample_files(folder)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_run_of_a_sample_is_drawn_with_all_its_operations(path: Path, mermaid: MermaidParser):
    for trace in read_traces(path, on_problem=lambda _: None):
        insights = TraceProcessor().process_trace(trace)
        diagram = mermaid.parse(insights.diagram)

        told = document_of(insights).run
        counted = told.operation_count or told.span_count
        assert f"{counted} " in diagram.nodes[0].label.split("\n")[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_run_of_a_sample_is_shown_on_a_terminal(path: Path):
    for trace in read_traces(path, on_problem=lambda _: None):
        assert "What happened" in terminal_text(TraceProcessor().process_trace(trace))
