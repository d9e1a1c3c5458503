"""A run in numbers."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.metrics import MetricsExtractor, durations_of
from reev_flow.errors import MetricsExtractionError
from reev_flow.trace.span import Operation, TokenUsage
from support.draw import MS, draw

RUN = """
    agent:planner      ##############################
      llm:gpt          ####                              in=100 out=20
      tool:search          #####
        other:GET           ###
      tool:search               !!                       error="429"
      llm:mini                    ####                   in=200 out=30
      tool:weather                    ######
      llm:gpt                               ######       in=300 out=40
"""


def test_a_run_is_counted():
    metrics = MetricsExtractor().extract(draw(RUN))
    assert (metrics.span_count, metrics.failed_spans, metrics.tool_calls, metrics.failed_tool_calls, metrics.model_calls) == (
        8,
        1,
        3,
        1,
        3,
    )  # fmt: skip


def test_spans_are_counted_by_operation_with_plumbing_apart():
    operations = MetricsExtractor().extract(draw(RUN)).operations
    assert operations == {Operation.AGENT: 1, Operation.LLM: 3, Operation.TOOL: 3, Operation.OTHER: 1}


def test_the_duration_is_that_of_the_trace():
    assert MetricsExtractor().extract(draw(RUN)).total_duration_ms == 30.0


def test_tokens_are_counted_once():
    assert MetricsExtractor().extract(draw(RUN)).usage == TokenUsage(input=600, output=90)


def test_tools_come_longest_first():
    tools = MetricsExtractor().extract(draw(RUN)).tools
    assert [(tool.name, tool.calls, tool.failed, tool.durations.total_ns // MS) for tool in tools] == [
        ("search", 2, 1, 7),
        ("weather", 1, 0, 6),
    ]


def test_each_model_has_its_own_tokens():
    models = MetricsExtractor().extract(draw(RUN)).models
    assert [(model.name, model.calls, model.usage.total) for model in models] == [("gpt", 2, 460), ("mini", 1, 230)]


def test_what_two_spans_tell_of_is_one_call():
    metrics = MetricsExtractor().extract(
        draw("""
        llm:gateway        ########
          llm:gpt           ######
        tool:search                ####
          tool:search              ###
    """)
    )
    assert (metrics.model_calls, metrics.tool_calls, metrics.operations[Operation.TOOL]) == (1, 1, 2)


def test_a_container_that_states_another_usage_is_told():
    metrics = MetricsExtractor().extract(
        draw("""
        agent:planner   ####    in=90 out=20
          llm:gpt       ##      in=100 out=20
    """)
    )
    assert [difference.name for difference in metrics.usage_differences] == ["planner"]


def test_percentiles_are_durations_that_were_measured():
    durations = durations_of([40, 10, 30, 20])
    assert (durations.median_ns, durations.p95_ns, durations.longest_ns, durations.total_ns) == (20, 40, 40, 100)


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=60))
def test_a_percentile_is_the_smallest_that_its_share_does_not_exceed(lengths: list[int]):
    durations = durations_of(lengths)
    for share, found in ((0.50, durations.median_ns), (0.95, durations.p95_ns)):
        assert sum(length <= found for length in lengths) >= share * len(lengths)
        assert sum(length < found for length in lengths) < share * len(lengths)


def test_what_defeats_the_arithmetic_is_told_with_its_cause():
    with pytest.raises(MetricsExtractionError) as caught:
        MetricsExtractor().extract(msgspec.structs.replace(draw(RUN), parents=()))
    assert caught.value.__cause__ is not None
