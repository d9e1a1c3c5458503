"""Other people's traces, read when they are here."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reev_flow.collect.assemble import assemble
from reev_flow.trace.span import NO_TOKENS, Operation, Span, Status
from support.reading import read_paths
from support.samples import SAMPLES, needs_samples, sample_files
from support.spans import model_of, tool_of, understood

pytestmark = needs_samples

OTLP = [path for folder in ("traces", "hostile") for path in sample_files(folder)]
WHOLE = [*sample_files("raw"), *OTLP]


def spans_of(name: str, operation: Operation) -> list[Span]:
    return [span for span in read_paths(SAMPLES / name).spans if span.operation is operation]


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_a_sample_is_read_whole(path: Path):
    read = read_paths(path)

    assert read.problems == []
    assert sum(len(trace) for trace in assemble(read.spans)) in (len(read.spans), len(read.spans) - 1)


def test_a_run_saved_by_jaeger_is_the_run_that_was_sent():
    [jaeger], [otlp] = (
        assemble(read_paths(SAMPLES / name).spans)
        for name in ("raw/agentevals_helm.jaeger.json.gz", "traces/agentevals_helm.otlp.jsonl.gz")
    )

    def told(span: Span) -> tuple[object, ...]:
        """Jaeger keeps no nanoseconds, and only whether a status was set."""
        return span.span_id, span.parent_id, span.name, span.start_ns // 1000, span.operation, span.usage, span.source

    assert [told(span) for span in jaeger.spans] == [told(span) for span in otlp.spans]
    assert [span.attributes for span in jaeger.spans] == [span.attributes for span in otlp.spans]


def test_a_session_log_of_reev_is_one_run_with_its_tools():
    [trace] = assemble(read_paths(SAMPLES / "reev/reev_enhanced_otel_300-swap-test.jsonl").spans)
    agent, tool = trace.spans

    assert (agent.operation, agent.input) == (Operation.AGENT, "use my 50% sol to multiply usdc 1.5x on jup")
    assert (tool_of(tool).name, tool.parent_id) == ("jupiter_swap", agent.span_id)
    assert (tool.duration_ns // 1_000, tool.status) == (1_350_191, Status.OK)


def test_the_bodies_that_the_python_sdk_sends_are_read():
    plain, packed = (read_paths(SAMPLES / "otlp" / f"py_sdk_http_protobuf_{form}0.bin") for form in ("", "gzip_"))

    assert len(plain.spans) == 4
    assert plain.spans == packed.spans


def test_both_orders_of_arrival_are_one_forest():
    [forward], [reverse] = (
        assemble(read_paths(SAMPLES / "hostile" / name).spans)
        for name in ("22_forward_order.jsonl", "21_reverse_order.jsonl")
    )

    assert [span.span_id for span in forward.spans] == [span.span_id for span in reverse.spans]
    assert forward.parents == reverse.parents


def test_ids_in_upper_case_are_the_same_ids():
    [trace] = assemble(read_paths(SAMPLES / "hostile" / "29_ids_upper_hex.json").spans)

    assert (len(trace), trace.problems) == (2, ())


def pairs() -> list[dict[str, Any]]:
    return (
        json.loads((SAMPLES / "openinference_pairs.json").read_text(encoding="utf-8"))["pairs"]
        if SAMPLES.is_dir()
        else []
    )


@pytest.mark.parametrize("pair", [pair for pair in pairs() if "expected" in pair], ids=lambda pair: pair["name"])
def test_one_call_in_two_dialects_means_the_same(pair: dict[str, Any]):
    sent, expected = understood(pair["input"]), understood(pair["expected"])

    assert (sent.operation, sent.usage) == (expected.operation, expected.usage)
    for part in ("name", "provider", "answer", "asked"):
        assert getattr(sent.model, part) == getattr(expected.model, part)
    assert model_of(sent).answer == "The weather in Paris is currently rainy with a temperature of 57°F."


def test_one_call_by_old_and_by_new_names_means_the_same():
    new, old = (understood(pair["input"]) for pair in pairs()[:2])

    assert (new.model, new.usage) == (old.model, old.usage)


def test_a_tool_call_of_the_pairs_is_read():
    span = understood(pairs()[2]["input"])

    assert (tool_of(span).name, tool_of(span).call_id) == ("get_weather", "1234")


def test_an_agent_among_its_plumbing():
    spans = read_paths(SAMPLES / "traces/agentevals_helm.otlp.jsonl.gz").spans
    operations = Counter(span.operation for span in spans)
    [tool] = [span for span in spans if span.operation is Operation.TOOL]

    assert operations == {
        Operation.OTHER: 89,
        Operation.LLM: 4,
        Operation.FLOW: 1,
        Operation.AGENT: 1,
        Operation.TOOL: 1,
    }
    assert (tool_of(tool).name, tool_of(tool).call_id) == ("helm_list_releases", "call_P09kjRKHTTJA02oB9HIe4u5t")


def test_a_wrapper_and_the_call_in_it_state_the_same_tokens():
    calls = spans_of("traces/agentevals_helm.otlp.jsonl.gz", Operation.LLM)
    by_scope = {
        scope: [span for span in calls if span.source.scope == scope] for scope in {span.source.scope for span in calls}
    }
    sums = [sum((span.usage or NO_TOKENS for span in spans), NO_TOKENS) for spans in by_scope.values()]

    assert {(used.input, used.output) for used in sums} == {(3776, 130)}


def test_the_answer_of_an_agent_is_found():
    calls = spans_of("traces/agentprism_rag_earnings_agent.otlp.jsonl.gz", Operation.LLM)

    assert [model_of(call).answer for call in calls] == ["Meta Platforms Inc.'s revenue in Q4 2023 was $40.1 billion."]


def test_frameworks_are_told_apart_by_nothing_but_their_words():
    spans = read_paths(SAMPLES / "traces/frameworks_adk_msaf_openai_pydantic.otlp.jsonl.gz").spans
    tools = sorted(tool_of(span).name for span in spans if span.tool)

    assert tools == [
        "get_dad_joke_suggestion",
        "get_one_liner_suggestion",
        "get_pun_suggestion",
        "get_weather",
        "get_weather",
        "say_hello",
    ]
    assert sum(span.operation is Operation.LLM for span in spans) == 10
