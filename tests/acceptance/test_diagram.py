"""`reev-flow diagram`, as installed, put before the real Mermaid."""

import json
import re
from pathlib import Path

import pytest

from support.command import recorded, reev_flow
from support.mermaid_parser import MermaidParser, ParsedDiagram
from support.samples import recorded_files, sample_files

TRACES = [*recorded_files("*.otlp.jsonl"), *sample_files("traces"), *sample_files("hostile")]


def drawn_operations(diagram: ParsedDiagram) -> int:
    """The number of operations that the diagram's own description accounts for."""
    found = re.match(r"([\d,]+) operations? ", diagram.description)
    return int(found[1].replace(",", "")) if found else 0


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_the_diagram_parses_and_accounts_for_every_operation_of_the_document(path: Path, mermaid: MermaidParser):
    drawn = reev_flow("diagram", path)
    document = json.loads(reev_flow("analyze", path, "--json").out)
    assert drawn.code == 0
    diagram = mermaid.parse(drawn.out)
    assert drawn_operations(diagram) == sum(run["run"]["operation_count"] for run in document["runs"])


def test_the_same_trace_gives_the_same_bytes():
    assert reev_flow("diagram", recorded("demo")).out == reev_flow("diagram", recorded("demo")).out


def test_fewer_edges_can_be_asked_for(mermaid: MermaidParser):
    diagram = mermaid.parse(reev_flow("diagram", recorded("demo"), "--max-edges", "5").out)
    assert len(diagram.edges) <= 5
    assert drawn_operations(diagram) == 47


def test_a_diagram_that_is_switched_off_is_refused_with_the_way_to_find_out():
    done = reev_flow("diagram", recorded("demo"), REEV_MERMAID_GENERATION="false")
    assert (done.code, done.out) == (2, "")
    assert "reev-flow config" in done.err
