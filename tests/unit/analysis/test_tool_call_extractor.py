"""The tool calls of a run: those that were executed and those that a model asked for."""

from datetime import timedelta

from reev_flow.analysis.calls.tool_calls import CallAnalysis, ToolCall, ToolCallExtractor
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import ModelUse, Status, ToolRequest, ToolUse
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.redraw import redraw, redraw_each


def calls_of(trace: Trace) -> list[ToolCall]:
    return ToolCallExtractor().extract_from_trace(trace)


def matches(trace: Trace) -> list[tuple[str, str | None]]:
    """For each call asked for, the name of the span that executed it."""
    by_id = {span.span_id: span for span in trace.spans}
    asked = RunFacts(trace).asked_calls
    return [(call.name, by_id[call.executed_by].name if call.executed_by else None) for call in asked]


def asking(trace: Trace, model: str, *requests: ToolRequest) -> Trace:
    return redraw(trace, model, model=ModelUse(name=model, asked=requests))


def test_executed_calls_come_by_start():
    trace = draw("""
        agent:planner        ##########
          step:late              ####
            tool:weather         ###
          tool:search         ###
    """)
    assert [call.name for call in calls_of(trace)] == ["search", "weather"]


def test_a_call_has_its_arguments_its_result_and_its_duration():
    (call,) = calls_of(draw("tool:search(city=Lisbon) -> sunny  ####"))
    assert (call.arguments, call.result, call.duration_ns) == ({"city": "Lisbon"}, "sunny", 4 * MS)


def test_a_failed_call_is_told_in_the_words_of_the_sender():
    (call,) = calls_of(draw('tool:search  !!!!  error="429 too many requests"'))
    assert (call.failed, call.error) == (True, "429 too many requests")


def test_a_call_that_went_well_has_no_error():
    assert calls_of(draw("tool:search  ####"))[0].error is None


def test_a_tool_span_inside_one_of_the_same_tool_is_a_second_account():
    trace = draw("""
        tool:search             ######
          tool:search(x=1) -> 7  ####    call=c1
    """)
    (call,) = calls_of(trace)
    assert (call.span_id, call.arguments, call.result, call.call_id) == (trace.spans[0].span_id, {"x": "1"}, 7, "c1")


def test_what_the_outer_account_tells_is_not_replaced_by_the_inner_one():
    (call,) = calls_of(
        draw("""
        tool:search(x=1) -> 7    ######
          tool:search(y=2) -> 8   ####
    """)
    )
    assert (call.arguments, call.result) == ({"x": "1"}, 7)


def test_a_tool_that_calls_itself_with_another_id_makes_two_calls():
    trace = draw("""
        tool:search     ######    call=c1
          tool:search    ####     call=c2
    """)
    assert [call.call_id for call in calls_of(trace)] == ["c1", "c2"]


def test_a_tool_inside_another_tool_is_a_call_of_its_own():
    trace = draw("""
        tool:research     ######
          tool:search      ####
    """)
    assert [call.name for call in calls_of(trace)] == ["research", "search"]


def test_a_tool_span_without_a_tool_is_a_call_named_like_the_span():
    trace = redraw(draw("tool:search  ####"), "search", tool=None)
    assert [call.name for call in calls_of(trace)] == ["search"]


def test_a_tool_span_without_a_tool_is_never_a_second_account():
    trace = redraw_each(
        draw("""
        tool:search     ######
          tool:search    ####
    """),
        "search",
        lambda number: {"tool": None if number else ToolUse(name="search")},
    )
    assert len(calls_of(trace)) == 2


def test_a_call_whose_outer_account_says_nothing_failed_if_its_last_inner_one_did():
    trace = draw("""
        tool:search       ########
          tool:search     ###
          tool:search        !!!!     error="timed out"
    """)
    (call,) = calls_of(trace)
    assert (call.failed, call.error) == (True, "timed out")


def test_a_call_that_went_well_on_its_inner_second_try_did_not_fail():
    trace = draw("""
        tool:search       ########
          tool:search     !!!         error="timed out"
          tool:search        ####
    """)
    assert [call.failed for call in calls_of(trace)] == [False]


def test_a_call_whose_outer_account_says_that_it_went_well_did_not_fail():
    trace = redraw_each(
        draw("""
        tool:search       ########
          tool:search     !!!         error="timed out"
    """),
        "search",
        lambda number: {} if number else {"status": Status.OK},
    )
    assert [call.failed for call in calls_of(trace)] == [False]


def test_what_was_asked_for_is_matched_to_what_ran_by_its_id():
    trace = asking(
        draw("""
        agent:planner     ##########
          llm:gpt         ##
          tool:search       ####        call=c2
          tool:weather      ####        call=c1
    """),
        "gpt",
        ToolRequest(name="tool_1", call_id="c1"),
        ToolRequest(name="tool_2", call_id="c2"),
    )
    assert matches(trace) == [("tool_1", "weather"), ("tool_2", "search")]


def test_without_an_id_the_call_with_equal_arguments_is_the_match():
    trace = asking(
        draw("""
        agent:planner          ##########
          llm:gpt              ##
          tool:search(q=cats)    ####
          tool:search(q=dogs)    ####
    """),
        "gpt",
        ToolRequest(name="search", arguments={"q": "dogs"}),
    )
    asked = RunFacts(trace).asked_calls
    dogs = next(span.span_id for span in trace.spans if span.input == {"q": "dogs"})
    assert [call.executed_by for call in asked] == [dogs]


def test_without_an_id_or_equal_arguments_the_next_call_of_the_tool_is_the_match():
    trace = draw("""
        agent:planner       ##########
          llm:gpt           ##            asks=search,search
          tool:search(q=1)    ##
          tool:search(q=2)      ###
    """)
    executed = [call.executed_by for call in RunFacts(trace).asked_calls]
    assert executed == [span.span_id for span in trace.spans[2:]]


def test_a_call_answers_one_request_only():
    trace = draw("""
        agent:planner     ##########
          llm:gpt         ##            asks=search,search
          tool:search       ####
    """)
    assert matches(trace) == [("search", "search"), ("search", None)]


def test_a_call_that_began_before_the_model_was_asked_is_not_its_answer():
    trace = draw("""
        agent:planner     ##########
          tool:search     ###
          llm:gpt            ###        asks=search
    """)
    assert matches(trace) == [("search", None)]


def test_a_call_with_another_id_is_not_the_answer_to_a_request_with_one():
    trace = asking(
        draw("""
        agent:planner     ##########
          llm:gpt         ##
          tool:search       ####        call=c2
    """),
        "gpt",
        ToolRequest(name="search", call_id="c1"),
    )
    assert matches(trace) == [("search", None)]


def test_a_request_without_an_id_is_answered_by_a_call_that_has_one():
    trace = draw("""
        agent:planner     ##########
          llm:gpt         ##            asks=search
          tool:search       ####        call=c2
    """)
    assert matches(trace) == [("search", "search")]


def test_a_tool_that_was_asked_for_and_never_ran_is_on_the_list_of_what_was_asked():
    trace = draw("""
        agent:planner     ####
          llm:gpt         ##      asks=search
    """)
    assert matches(trace) == [("search", None)]


def test_100_000_requests_that_nothing_answers_are_looked_up_once_each():
    count = 100_000
    trace = asking(
        draw("""
        agent:planner       ##########
          llm:gpt           ##
          tool:search(q=1)    ##
    """),
        "gpt",
        *(ToolRequest(name="search", call_id=f"c{number}", arguments={"q": str(number)}) for number in range(count)),
    )
    assert sum(call.executed_by is not None for call in RunFacts(trace).asked_calls) == 1


def test_calls_are_analysed_as_numbers():
    calls = calls_of(
        draw("""
        agent:planner     ##########
          tool:search       ####
          tool:search           !!
          tool:weather      ###
    """)
    )
    analysis = CallAnalysis.of(calls)
    assert (analysis.total_calls, analysis.unique_tools, analysis.failed_calls) == (3, 2, 1)
    assert analysis.average_duration == timedelta(milliseconds=3)


def test_no_calls_take_no_time_on_average():
    assert CallAnalysis.of([]).average_duration_ns == 0
