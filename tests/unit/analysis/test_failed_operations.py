"""Which operations failed, why, and what became of it."""

from reev_flow.analysis.meaning.error_classes import ErrorClass
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Status
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.redraw import redraw


def still_open(trace: Trace) -> list[str]:
    """The innermost failures that nothing made good."""
    failed = RunFacts(trace).failed_operations
    return [trace.spans[one.position].label for one in failed if one.is_innermost and not one.was_made_good]


def reason_of(trace: Trace) -> tuple[ErrorClass | None, float]:
    (failed,) = RunFacts(trace).failed_operations
    return failed.reason.error_class, failed.reason.confidence


def test_a_run_in_which_nothing_failed_has_none():
    assert RunFacts(draw("agent:planner  ####")).failed_operations == ()


def test_plumbing_that_failed_is_no_operation():
    trace = draw("""
        tool:search      ####
          other:GET       !!     error="404 Not Found"
    """)
    assert still_open(trace) == []


def test_a_failure_told_at_several_levels_arose_at_the_innermost():
    trace = draw("""
        flow:trip           !!!!!!!!   error="429"
          agent:planner      !!!!!!    error="429"
            agent:searcher    !!!!     error="429"
              llm:gpt          !!      error="429 too many requests"
    """)
    assert still_open(trace) == ["gpt"]


def test_a_failure_that_was_made_good_explains_nothing_above_it():
    trace = draw("""
        agent:planner        !!!!!!!!!!   error="504 gateway timeout"
          tool:search(q=1)   !!           error="503"
          tool:search(q=1)     ###
          llm:gpt                 ##
    """)
    assert still_open(trace) == ["planner"]


def test_a_cancelled_branch_has_not_failed():
    trace = draw("""
        flow:race        ######
          tool:bing      !!!!     error="asyncio.exceptions.CancelledError"
          tool:google    ####
    """)
    assert still_open(trace) == []


# What makes a tool good.


def test_the_same_question_asked_again_with_success_makes_a_tool_good():
    trace = draw("""
        agent:planner        ########
          tool:search(q=1)   !!!       error="503"
          tool:search(q=1)      ###
    """)
    assert still_open(trace) == []


def test_a_success_that_began_before_the_failure_makes_nothing_good():
    trace = draw("""
        agent:planner        ########
          tool:search(q=1)   ###
          tool:search(q=1)    !!!      error="503"
    """)
    assert still_open(trace) == ["search"]


def test_without_recorded_arguments_any_later_success_of_the_tool_makes_it_good():
    trace = draw("""
        agent:planner    ########
          tool:search    !!!       error="503"
          tool:search       ###
    """)
    assert still_open(trace) == []


def test_a_retry_somewhere_else_in_the_run_makes_a_tool_good():
    trace = draw("""
        flow:graph              ##############
          step:tools            ###
            tool:search(q=1)    !!!             error="503"
          step:assistant           ###
            llm:gpt                ###
          step:tools                   ###
            tool:search(q=1)           ###
    """)
    assert still_open(trace) == []


def test_a_corrected_question_makes_good_what_was_not_found():
    trace = draw("""
        agent:coder                  ##########
          tool:read_file(path=a)     !!           error="FileNotFoundError: no such file"
          llm:gpt                       ##
          tool:read_file(path=src/a)       ###
    """)
    assert still_open(trace) == []


def test_another_question_asked_in_the_same_turn_makes_nothing_good():
    trace = draw("""
        agent:coder                  ##########
          tool:read_file(path=a)     !!           error="FileNotFoundError: no such file"
          tool:read_file(path=b)        ###
          llm:gpt                          ##
    """)
    assert still_open(trace) == ["read_file"]


def test_another_question_does_not_make_good_what_was_limited():
    trace = draw("""
        agent:planner                 ##########
          tool:convert(amount=480)    !!           error="429"
          llm:gpt                        ##
          tool:convert(amount=176)         ###
    """)
    assert still_open(trace) == ["convert"]


def test_the_same_question_in_other_words_makes_good_what_was_limited():
    trace = draw("""
        agent:planner                                      ##########
          tool:search(q=weather Lisbon, page=1)            !!           error="429"
          llm:gpt                                             ##
          tool:search(q=Lisbon weather in May, page=1)          ###
    """)
    assert still_open(trace) == []


def test_a_question_in_plain_text_can_be_put_in_other_words():
    trace = draw("""
        agent:planner                          ##########
          tool:search(weather Lisbon)          !!           error="429"
          llm:gpt                                 ##
          tool:search(Lisbon weather in May)        ###
    """)
    assert still_open(trace) == []


def test_another_address_makes_good_a_site_that_was_down():
    trace = draw("""
        agent:planner                     ##########
          tool:fetch(url=https://a.com)   !!           error="503"
          llm:gpt                            ##
          tool:fetch(url=https://b.com)        ###
    """)
    assert still_open(trace) == []


def test_a_smaller_question_makes_good_one_that_took_too_long():
    trace = draw("""
        agent:planner                ##########
          tool:query(days=365)       !!           error="timed out"
          llm:gpt                       ##
          tool:query(days=30)             ###
    """)
    assert still_open(trace) == []


def test_what_a_shell_printed_is_made_good_by_its_next_command():
    trace = draw("""
        agent:coder                  ##########
          tool:bash(cmd=pytest)      !!           error="FAILED test_api: 503 service unavailable"
          llm:gpt                       ##
          tool:bash(cmd=ls)               ###
    """)
    assert still_open(trace) == []


# What makes models, agents and flows good.


def test_another_model_makes_good_a_model_call():
    trace = draw("""
        agent:planner    ########
          llm:gpt        !!!       error="529 overloaded"
          llm:claude        ###
    """)
    assert still_open(trace) == []


def test_a_model_does_not_make_good_the_agent_that_another_one_brought_down():
    trace = draw("""
        agent:boss         ##########
          agent:helper     !!!!
            llm:gpt        !!!          error="429"
          llm:gpt              ###
    """)
    assert still_open(trace) == ["gpt"]


def test_another_go_of_the_agent_makes_good_what_brought_it_down():
    trace = draw("""
        agent:boss         ##########
          agent:helper     !!!!
            llm:gpt        !!!          error="429"
          agent:helper         ####
            llm:gpt            ###
    """)
    assert still_open(trace) == []


def test_plumbing_between_an_agent_and_its_model_does_not_hide_what_was_brought_down():
    trace = draw("""
        agent:boss         ##########
          agent:helper     !!!!
            other:run      ###
              llm:gpt      !!!          error="429"
          llm:gpt              ###
    """)
    assert still_open(trace) == ["gpt"]


# Why.


def test_a_status_code_of_its_own_is_the_surest():
    trace = redraw(draw("tool:search  !!!  error=oops"), "search", attributes={"http.response.status_code": 429})
    assert reason_of(trace) == (ErrorClass.RATE_LIMITED, 0.95)


def test_words_of_its_own_are_surer_than_what_failed_below():
    trace = draw("""
        tool:search      !!!!     error="timed out"
          other:GET       !!      error="404 Not Found"
    """)
    assert reason_of(trace) == (ErrorClass.TIMEOUT, 0.9)


def test_a_failure_without_telling_words_is_told_by_the_request_below_it():
    trace = draw("""
        tool:search      !!!!     error="tool failed"
          other:GET       !!      error="404 Not Found"
    """)
    assert reason_of(trace) == (ErrorClass.NOT_FOUND, 0.8)


def test_a_request_that_something_else_followed_is_not_the_reason():
    trace = draw("""
        tool:search       !!!!!!    error="ValueError: bad date"
          other:cache     !!        error="404 Not Found"
          other:GET         ###
    """)
    assert reason_of(trace) == (None, 0.0)


def test_a_failure_without_words_is_told_by_what_failed_around_it():
    trace = draw("""
        step:tools         !!!!     error="429 Too Many Requests"
          tool:search      !!!
    """)
    failed = RunFacts(trace).failed_operations[1]
    assert (failed.reason.error_class, failed.reason.confidence) == (ErrorClass.RATE_LIMITED, 0.7)


def test_words_are_taken_from_below_when_there_are_none_at_the_top():
    trace = draw("""
        tool:search      !!!!
          other:GET       !!      error="404 Not Found"
    """)
    assert RunFacts(trace).failed_operations[0].reason.words == "404 Not Found"


def test_a_result_that_reports_an_error_is_a_failure_less_surely():
    trace = draw('tool:search(q=1) -> "Error: 429 Too Many Requests"  ####')
    assert reason_of(trace) == (ErrorClass.RATE_LIMITED, 0.6)


def test_a_result_that_reports_an_unknown_error_is_a_result():
    assert RunFacts(draw('tool:search(q=1) -> "Error: bad luck"  ####')).failed_operations == ()


# Size.


def test_a_wide_fan_out_of_failures_is_judged():
    trace = wide(20_000)
    assert len(RunFacts(trace).failed_operations) == 20_000


def test_a_deep_chain_of_failures_is_judged():
    trace = redraw(deep(20_000), "search", status=Status.ERROR, status_message="oops")
    assert len(still_open(trace)) == 1


def wide(count: int) -> Trace:
    lines = "\n".join(f"  tool:search(q={number})    !!   error=503" for number in range(count))
    return draw(f"agent:planner  #########\n{lines}")


def deep(count: int) -> Trace:
    from reev_flow.collect.assemble import assemble_one
    from reev_flow.trace.span import Operation, Span

    return assemble_one(
        [
            Span(
                trace_id="t",
                span_id=f"{number:06}",
                parent_id=f"{number - 1:06}" if number else None,
                name="search",
                start_ns=number,
                end_ns=2 * count,
                operation=Operation.STEP,
            )
            for number in range(count)
        ]
    )


def test_a_step_that_only_handed_a_failure_on_is_made_good_with_it():
    picture = """
        agent:planner              ##################
          step:1                   !!!!!!              error="tool failed"
            tool:convert(usd=240)    !!!!              error="503"
          step:2                         ######
            tool:convert(usd=240)        ####
    """
    assert still_open(draw(picture)) == []


def test_a_step_that_failed_by_something_later_is_not_made_good_by_what_failed_in_it():
    picture = """
        agent:planner              ##################
          step:1                   !!!!!!!!            error="disk full"
            tool:convert(usd=240)  !!!!                error="503"
            tool:save(a=1)             ##
          step:2                           ######
            tool:convert(usd=240)          ####
    """
    assert still_open(draw(picture)) == ["1"]
