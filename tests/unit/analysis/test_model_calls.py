"""The model calls of a run, each counted once however many spans tell of it."""

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import ModelUse, TokenUsage
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.redraw import redraw


def calls_of(trace: Trace) -> tuple[ModelCall, ...]:
    return RunFacts(trace).model_calls


def test_every_call_is_found_in_the_order_they_started():
    trace = draw("""
        agent:planner      ##########
          step:late            ####
            llm:mini           ###
          llm:gpt          ###
    """)
    assert [call.model for call in calls_of(trace)] == ["gpt", "mini"]


def test_spans_inside_each_other_tell_of_one_call():
    trace = draw("""
        agent:planner      ##########
          llm:gateway      ########
            other:POST      ######
              llm:gpt        ####
    """)
    assert [(call.model, call.positions) for call in calls_of(trace)] == [("gpt", (3, 1))]


def test_a_span_around_two_calls_is_no_call_itself():
    trace = draw("""
        llm:retrying       ##########
          llm:gpt          !!!!          error="429"
          llm:gpt               #####
    """)
    assert [(call.model, call.failed) for call in calls_of(trace)] == [("gpt", True), ("gpt", False)]


def test_what_the_innermost_span_does_not_tell_is_taken_from_those_around_it():
    trace = draw("""
        llm:gateway        ########    in=100 out=20 asks=search finish=tool_calls answer="let me see"
          llm:gpt           ######
    """)
    (call,) = calls_of(trace)
    asked = [request.name for request in call.asked]
    assert (call.usage, asked, call.finish_reasons, call.answer) == (
        TokenUsage(input=100, output=20),
        ["search"],
        ("tool_calls",),
        "let me see",
    )


def test_the_times_of_a_call_are_those_of_its_innermost_span():
    trace = draw("""
        llm:gateway        ########
          llm:gpt           ######
    """)
    (call,) = calls_of(trace)
    assert call.duration_ns == 6 * MS


def test_the_name_of_the_model_comes_from_whoever_knows_it():
    trace = redraw(
        draw("""
        llm:gateway        ########
          llm:call          ######
    """),
        "call",
        model=ModelUse(provider="openai"),
    )
    (call,) = calls_of(trace)
    assert (call.model, call.provider) == ("gateway", "openai")


def test_an_answer_that_was_not_recorded_is_none():
    assert calls_of(draw("llm:gpt  ###"))[0].answer is None


def test_an_answer_that_was_recorded_as_no_text_is_empty():
    trace = draw("""
        llm:gateway        ########    answer=""
          llm:gpt           ######
    """)
    assert calls_of(trace)[0].answer == ""


def test_a_call_without_tokens_anywhere_has_no_usage():
    assert calls_of(draw("llm:gpt  ###"))[0].usage is None


def test_a_call_that_states_zero_tokens_has_a_usage():
    assert calls_of(draw("llm:gpt  ###  in=0 out=0"))[0].usage == TokenUsage()


def test_an_llm_span_without_a_model_is_a_call():
    trace = redraw(draw("llm:gpt  ###"), "gpt", model=None)
    assert [call.model for call in calls_of(trace)] == [""]
