"""How many tokens a run used, each counted once."""

from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.calls.usage import count_usage
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import NO_TOKENS, Span, TokenUsage
from reev_flow.trace.trace import Trace
from support.draw import draw


def test_calls_side_by_side_add_up():
    trace = draw("""
        agent:planner   ########
          llm:gpt       ###         in=100 out=20
          llm:gpt           ###     in=50  out=10
    """)
    assert count_usage(trace).total == TokenUsage(input=150, output=30)


def test_a_container_that_repeats_its_calls_adds_nothing():
    trace = draw("""
        agent:planner   ########    in=150 out=30
          llm:gpt       ###         in=100 out=20
          llm:gpt           ###     in=50  out=10
    """)
    assert count_usage(trace).total == TokenUsage(input=150, output=30)


def test_a_container_that_knows_of_more_is_believed():
    trace = draw("""
        agent:planner   ########    in=400 out=90
          llm:gpt       ###         in=100 out=20
    """)
    assert count_usage(trace).total == TokenUsage(input=400, output=90)


def test_of_two_accounts_of_one_call_the_fuller_counts_field_by_field():
    trace = draw("""
        llm:gateway     ########    in=100 out=20 cached=64
          llm:gpt       ######      in=100 out=25
    """)
    assert count_usage(trace).total == TokenUsage(input=100, output=25, cache_read=64)


def test_a_container_that_states_less_is_told_as_a_difference():
    trace = draw("""
        agent:planner   ########    in=100 out=20
          llm:gpt       ###         in=100 out=20
          llm:gpt           ###     in=50  out=10
    """)
    told = [(difference.name, difference.stated, difference.below) for difference in count_usage(trace).differences]
    assert told == [("planner", TokenUsage(input=100, output=20), TokenUsage(input=150, output=30))]


def test_a_container_that_only_leaves_out_the_cached_part_differs_in_nothing():
    trace = draw("""
        agent:planner   ####    in=100 out=20
          llm:gpt       ##      in=100 out=20 cached=50
    """)
    assert count_usage(trace).differences == ()


def test_a_container_around_calls_without_tokens_differs_in_nothing():
    trace = draw("""
        agent:planner   ####    in=100 out=20
          llm:gpt       ##      in=0
    """)
    assert count_usage(trace).differences == ()


def test_a_run_without_tokens_used_none():
    trace = draw("""
        agent:planner   ####
          llm:gpt       ##
    """)
    totals = count_usage(trace)
    assert (totals.total, totals.of(0)) == (NO_TOKENS, NO_TOKENS)


def test_the_usage_of_every_level_can_be_asked_for():
    trace = draw("""
        flow:trip          ##########
          agent:planner    ####
            llm:gpt        ###         in=100 out=20
          agent:writer         ####
            llm:gpt            ###     in=30  out=40
    """)
    totals = count_usage(trace)
    assert [totals.of(position).total for position in range(len(trace))] == [190, 120, 120, 70, 70]


@st.composite
def forests_with_usage(draw_value: st.DrawFn) -> Trace:
    usages = st.none() | st.builds(TokenUsage, input=st.integers(0, 9), output=st.integers(0, 9))
    return assemble_one(
        [
            Span(
                trace_id="t",
                span_id=str(number),
                parent_id=draw_value(st.sampled_from([None, *(str(earlier) for earlier in range(number))])),
                start_ns=number,
                end_ns=20,
                usage=draw_value(usages),
            )
            for number in range(draw_value(st.integers(1, 10)))
        ]
    )


@given(forests_with_usage())
def test_no_span_used_less_than_it_states_or_than_its_children_used(trace: Trace):
    totals = count_usage(trace)
    for position, span in enumerate(trace.spans):
        below = sum((totals.of(child) for child in trace.children(position)), NO_TOKENS)
        assert totals.of(position) == (span.usage or NO_TOKENS).at_least(below)


@given(forests_with_usage())
def test_the_total_is_that_of_the_roots(trace: Trace):
    totals = count_usage(trace)
    assert totals.total == sum((totals.of(root) for root in trace.roots()), NO_TOKENS)
