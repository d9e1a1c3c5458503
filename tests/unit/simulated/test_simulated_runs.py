"""The labelled set is the same for the same seed, tells the truth about spans that exist, and knows nothing of the rules."""

import ast
from pathlib import Path

import msgspec
import pytest

from conformance.dialects import DIALECTS
from reev_flow.runtime.span_chunks import chunks_of
from reev_flow.trace import semantics
from simulated.dialects import can_be_told, told_in
from simulated.labels import CODES
from simulated.reading import as_trace
from simulated.runs import PLANTED, SimulatedRun, simulated_runs
from simulated.sessions import simulated_sessions

GENERATOR = Path(__file__).parents[3] / "benchmarks" / "simulated"
JUDGES = {"score.py"}  # these look at findings, and make no runs
ENOUGH = 100  # runs in which every fault had its turn


@pytest.fixture(scope="module", name="runs")
def simulated() -> list[SimulatedRun]:
    return list(simulated_runs(2, ENOUGH))


def test_the_same_seed_gives_the_same_bytes():
    first, second = (
        [chunk.data for run in simulated_runs(4, 12) for chunk in chunks_of(run.spans)[0]] for _ in range(2)
    )

    assert first == second


def test_the_same_seed_gives_the_same_labels():
    first, second = ([msgspec.json.encode(run.labels) for run in simulated_runs(4, 12)] for _ in range(2))

    assert first == second


def test_another_seed_gives_other_runs():
    (one,), (other,) = simulated_runs(4, 1), simulated_runs(6, 1)

    assert one.diary.question != other.diary.question


def test_labels_name_spans_that_are_there(runs):
    for run in runs:
        known = {span.span_id for span in as_trace(run).spans}
        named = {span for claim in (*run.labels.expected, *run.labels.debatable) for span in claim.spans}

        assert named <= known, run.name


@pytest.mark.parametrize("dialect", DIALECTS)
def test_labels_name_spans_that_are_there_in_every_dialect(runs, dialect):
    for run in [run for run in runs if can_be_told(run)][:6]:
        trace, labels = told_in(dialect, run)
        known = {span.span_id for span in trace.spans}

        assert [claim for claim in labels.expected if claim.spans and known.isdisjoint(claim.spans)] == [], run.name


def test_every_code_has_runs_that_deserve_it(runs):
    assert {claim.code for run in runs for claim in run.labels.expected} >= {fault.code for fault in PLANTED}


def test_sessions_have_steps_in_doubt_and_steps_that_are_not():
    doubted = {bool(session.labels.expected) for session in simulated_sessions(2, 20)}

    assert doubted == {True, False}


def test_steps_in_doubt_are_spans_of_their_session():
    for session in simulated_sessions(2, 20):
        known = {span.span_id for span in session.trace.spans}

        assert all(claim.spans and known >= set(claim.spans) for claim in session.labels.expected), session.name


def test_every_planted_code_is_a_known_one():
    assert {fault.code for fault in PLANTED} <= CODES.keys()


def test_nothing_is_wrong_with_runs_that_have_no_fault(runs):
    assert [run.name for run in runs if run.kind != "faulty" and run.labels.expected] == []


def test_every_run_is_one_whole_tree(runs):
    assert [run.name for run in runs if len(list(as_trace(run).roots())) != 1] == []


@pytest.mark.parametrize("module", sorted(GENERATOR.glob("*.py")), ids=lambda path: path.name)
def test_the_generator_does_not_know_the_rules(module):
    if module.name in JUDGES:
        return
    imported = _imported(module)

    assert [name for name in imported if name.startswith("reev_flow.analysis")] == []


def test_the_generator_writes_no_attribute_of_which_only_rules_know(runs):
    """What an agent's spans carry are the words of OpenTelemetry's conventions and those of the tracer itself."""
    written = {name for run in runs for span in run.spans for name in span.attributes or {}}
    own = {value for name, value in vars(semantics).items() if name.startswith("REEV_")}

    assert {name for name in written if not name.startswith(("gen_ai.", "error.type"))} <= own


def _imported(module: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names
