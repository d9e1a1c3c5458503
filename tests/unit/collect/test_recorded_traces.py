"""The project's own recordings, against what the servers that played the models and tools saw."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from reev_flow.analysis.calls.tool_calls import ToolCallExtractor
from reev_flow.collect.assemble import assemble
from reev_flow.trace.span import NO_TOKENS, Flag, ModelUse, Operation, Span, ToolRequest
from support.reading import Read, read_paths
from support.samples import RECORDED, recorded_files
from support.spans import model_of, tool_of

FILES = recorded_files()
Recorded: TypeAlias = tuple[dict[str, Any], Read]

TRUTH = json.loads((RECORDED / "truth.json").read_text(encoding="utf-8")) if FILES else {}


# LangSmith says OK of what failed, and one recording limits the length of attributes; A2A's loops outlive who started them; BeeAI
# writes its spans when everything is over; Temporal's spans of what asks for work are moments.
ODD = {
    "trip-assistant-langsmith": {Flag.TOLD_FAILURE, Flag.CUT_CONTENT},
    "trip-agent-a2a": {Flag.OUTSIDE_PARENT},
    "trip-assistant-beeai": {Flag.OUTSIDE_PARENT},
    "trip-assistant-temporal": {Flag.OUTSIDE_PARENT},
}


def in_snake_case(name: str) -> str:
    """BeeAI's spans have the names of tools in camel case."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda upper: f"_{upper[1].lower()}", name)


def truth_of(path: Path):
    return TRUTH[path.name.partition(".")[0]]


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def recorded(request: pytest.FixtureRequest) -> Recorded:
    return truth_of(request.param), read_paths(request.param)


def spans_of(read: Read, operation: Operation) -> list[Span]:
    """Each piece of work once, by start."""
    spans = [span for trace in assemble(read.spans) for span in trace.spans if span.operation is operation]
    return sorted(spans, key=lambda span: span.start_ns)


def asked_of(read: Read) -> list[ToolRequest]:
    return [asked for span in spans_of(read, Operation.LLM) for asked in model_of(span).asked]


def test_every_span_and_trace_is_there(recorded: Recorded):
    truth, read = recorded

    assert read.problems == []
    assert (len(read.spans), len(assemble(read.spans))) == (truth["spans"], truth["traces"])


def test_every_trace_is_sound(recorded: Recorded):
    _, read = recorded

    problems = {problem.flag for trace in assemble(read.spans) for problem in trace.problems}

    assert problems <= ODD.get(read.spans[0].source.service, set())


def test_model_calls_and_their_tokens_are_those_that_were_billed(recorded: Recorded):
    truth, read = recorded
    calls = spans_of(read, Operation.LLM)
    used = sum((span.usage for span in calls if span.usage), NO_TOKENS)

    if not truth.get("model_calls_are_traced", True):
        assert calls == []
        return
    assert len(calls) == truth["llm_calls"]
    assert (used.input, used.output) == (truth["input_tokens"], truth["output_tokens"])


def test_cached_and_reasoning_tokens_are_those_that_were_billed_where_they_were_recorded(recorded: Recorded):
    truth, read = recorded
    used = sum((span.usage for span in spans_of(read, Operation.LLM) if span.usage), NO_TOKENS)

    assert used.cache_read in (truth["cached_tokens"], 0)
    assert used.reasoning in (truth["reasoning_tokens"], 0)


def test_tools_that_ran_are_those_that_were_called(recorded: Recorded):
    truth, read = recorded
    ran = Counter(
        in_snake_case(call.name)
        for trace in assemble(read.spans)
        for call in ToolCallExtractor().extract_from_trace(trace)
    )
    called = Counter(call["name"] for call in truth["tool_calls"] if truth["tools_are_traced"])

    assert ran == called


def test_tools_were_asked_for_in_the_order_they_were_called(recorded: Recorded):
    truth, read = recorded
    asked = [request.name for request in asked_of(read)]
    called = [call["name"] for call in truth["tool_calls"]]

    if truth["traces"] == 1 and truth["scenario"] != "demo" and asked:
        assert asked[: len(called)] == called
    else:
        assert Counter(asked) <= Counter(called)


def test_arguments_are_those_the_tools_got(recorded: Recorded):
    truth, read = recorded
    called = [call["arguments"] for call in truth["tool_calls"]]

    for span in spans_of(read, Operation.TOOL):
        assert span.input is None or isinstance(span.input, dict)
        assert span.input is None or any(span.input.items() <= arguments.items() for arguments in called)


def test_the_run_ends_with_an_answer_if_it_had_one(recorded: Recorded):
    truth, read = recorded
    calls = [model_of(span) for span in spans_of(read, Operation.LLM)] or [ModelUse()]
    last = calls[-1]
    has_content = any(call.answer or call.asked for call in calls)

    answered = bool(last.answer) or any(asked.name == "final_answer" for asked in last.asked)
    assert not has_content or answered == truth["has_answer"]


def test_all_forms_of_one_recording_say_the_same():
    forms = recorded_files("pydantic_ai_clean.*")
    traces = [assemble(read_paths(path).spans) for path in forms]

    assert len(forms) == 4
    assert all(trace == traces[0] for trace in traces)


def test_results_of_equal_calls_are_equal():
    read = read_paths(RECORDED / "langgraph_faulty.otlp.jsonl")
    repeated = [span for span in spans_of(read, Operation.TOOL) if tool_of(span).name == "search_flights"]

    assert len(repeated) == 3
    assert repeated[0].output == repeated[1].output == repeated[2].output
    assert len({tool_of(span).call_id for span in repeated}) == 3
