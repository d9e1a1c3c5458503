"""The same program under real instrumentations: the same projection, but for what the table in the docs says."""

from itertools import groupby
from pathlib import Path

import pytest

from conformance.excuses import PARTS, RECORDINGS_TABLE, Excuse, excuses, parts_of, without
from conformance.projection import Projection, project
from conformance.rounds import differences
from reev_flow.collect.assemble import assemble
from reev_flow.trace.span import TokenUsage
from support.reading import read_paths
from support.samples import recorded_files

REFERENCE = "genai_openai_clean"  # the one that says everything
ALSO_CLEAN = (
    "pydantic_ai_older_format",
    "openai_agents_chat_completions",
    "mlflow_genai_names",
    "genai_openai_model_calls_only",
)
EXCUSES = excuses(RECORDINGS_TABLE)


def recorded(path: Path) -> Projection:
    """Of all traces of the file as if they were one, without times."""
    runs = [project(trace) for trace in assemble(read_paths(path).spans)]
    telling = [run for run in runs if run["operations"]]
    operations = [told for run in telling for told in run["operations"]]
    return {
        "conversations": sorted({conversation for run in telling for conversation in run["conversations"]}),
        "tokens": {name: sum(run["tokens"][name] for run in telling) for name in TokenUsage.__struct_fields__},
        "answer": telling[-1]["answer"] if telling else None,
        "operations": [_without_times(told) for told in _side_by_side_by_name(operations)],
    }


def _without_times(told: Projection) -> Projection:
    return {name: value for name, value in told.items() if name not in {"start_ns", "end_ns"}}


def _side_by_side_by_name(operations: list[Projection]) -> list[Projection]:
    groups = groupby(operations, key=lambda told: (told["operation"], told["depth"]))
    return [told for _, group in groups for told in sorted(group, key=lambda told: str(told["name"]))]


def name_of(path: Path) -> str:
    return path.name.partition(".")[0]


def has_model_calls(projection: Projection) -> bool:
    return any(told["operation"] == "llm" for told in projection["operations"])


FILES = {name_of(path): path for path in recorded_files("*.otlp.jsonl")}
CLEAN = {
    name: projection
    for name, path in FILES.items()
    if name.endswith("_clean") or name in ALSO_CLEAN
    if has_model_calls(projection := recorded(path))
}


def test_there_are_recordings_of_many_instrumentations():
    assert len(CLEAN) > 20


def test_every_row_is_about_a_recording_and_a_part_of_the_projection():
    assert {excuse.who for excuse in EXCUSES} <= CLEAN.keys()
    assert {excuse.part for excuse in EXCUSES} <= PARTS.keys()


@pytest.mark.parametrize("name", CLEAN)
def test_a_recording_tells_of_the_same_run(name: str):
    excused = parts_of(name, RECORDINGS_TABLE)

    assert differences(without(CLEAN[REFERENCE], excused), without(CLEAN[name], excused)) == []


@pytest.mark.parametrize("excuse", EXCUSES, ids=lambda excuse: f"{excuse.who}: {excuse.part}")
def test_without_this_excuse_the_recording_would_differ(excuse: Excuse):
    others = [part for part in parts_of(excuse.who, RECORDINGS_TABLE) if part != excuse.part]

    assert without(CLEAN[excuse.who], others) != without(CLEAN[REFERENCE], others)
