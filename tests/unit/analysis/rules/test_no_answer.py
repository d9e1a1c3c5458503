"""RF210: the run ended without an answer, or was cut off by a step limit."""

import pytest

from reev_flow.trace.span import Flag, ModelUse, TokenUsage, ToolRequest
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.findings import found
from support.redraw import redraw, redraw_each

LOOP = """
    agent:planner           ################
      llm:gpt               ##                asks=search
      tool:search(q=a)        ####
      llm:gpt                     ##          asks=search
      tool:search(q=b)              ####
"""


def test_a_run_whose_root_was_cut_off_is_found():
    picture = """
        agent:planner           !!!!!!!!!!!!      error="Max turns exceeded: 3"
          llm:gpt               ##                asks=search
          tool:search(q=a)        ####
    """
    (finding,) = found("RF210", picture)
    assert finding.message == "the run was cut off by a step limit (Max turns exceeded: 3)"
    assert finding.confidence == 0.95


@pytest.mark.parametrize(
    "words",
    [
        "GraphRecursionError('Recursion limit of 25 reached without hitting a stop condition.')",
        "UsageLimitExceeded: The next request would exceed the request_limit of 3",
        "Reached maximum number of iterations",
        "MaxTurnsExceeded",
        "maximum steps reached",
        "agent stopped: hit max tool calls",
        "LlmCallsLimitExceededError: Max number of llm calls limit of `5` exceeded",
        "AgentMaxStepsError",
        "error_max_turns",
        "max_iterations_reached",
        "ToolCallLimitExceededError: Tool call limit reached: run limit exceeded (5/5 calls).",
    ],
)
def test_a_limit_is_told_by_its_words(words: str):
    assert len(found("RF210", f'agent:planner  !!!!  error="{words}"')) == 1


@pytest.mark.parametrize(
    "words",
    [
        "RecursionError: maximum recursion depth exceeded",
        "max retries exceeded with url",
        "the return limit was passed",
        "429: too many requests",
        "maximum context length is 128000 tokens",
        "max_tokens must be at least 1",
        "the rate limit of 500 requests was reached",
    ],
)
def test_other_limits_are_other_errors(words: str):
    assert found("RF210", f'agent:planner  !!!!  error="{words}"') == []


def test_a_limit_inside_a_run_that_calls_itself_a_success_is_found():
    picture = """
        agent:workflow            ##############
          agent:planner           !!!!!!!!!!!!      error="Max turns exceeded"
            llm:gpt               ##                asks=search
            tool:search(q=a)        ####
    """
    assert len(found("RF210", picture)) == 1


def test_a_run_that_stops_in_the_middle_of_its_loop_is_found():
    (finding,) = found("RF210", LOOP)
    assert finding.message == "the last thing a model said was to ask for search; no answer followed"


def test_a_model_that_says_nothing_in_the_end_is_found():
    picture = """
        agent:planner           ################
          llm:gpt               ##                in=90 out=20 asks=search
          tool:search(q=a)        ####
          llm:gpt                     ##          in=90 out=2  answer=""
    """
    (finding,) = found("RF210", picture)
    assert finding.message == "the last model call gave neither text nor a tool call"


def test_a_model_that_is_silent_where_others_are_recorded_is_found():
    picture = """
        agent:planner           ################
          llm:gpt               ##                asks=search
          tool:search(q=a)        ####
          llm:gpt                     ##          answer=""
    """
    assert len(found("RF210", picture)) == 1


def test_a_model_that_was_cut_before_it_said_anything_is_found():
    picture = 'llm:o4  ####  in=90 out=900 answer="" finish=length'
    (finding,) = found("RF210", picture)
    assert finding.message == "the last model call was cut (length) before it gave an answer"
    assert finding.confidence == 0.9


def test_a_model_that_only_thought_is_found():
    trace = redraw(draw('llm:o4  ####  answer=""'), "o4", usage=TokenUsage(input=90, output=901, reasoning=900))
    assert len(found("RF210", trace)) == 1


SILENT = {
    "an answer": """
        agent:planner           ################
          llm:gpt               ##                asks=search
          tool:search(q=a)        ####
          llm:gpt                     ##          answer="TP 1277"
    """,
    "an answer that something else followed": """
        agent:planner           ####################
          llm:gpt               ##                      asks=search
          tool:search(q=a)        ####
          llm:gpt                     ###               answer="TP 1277"
          llm:mini                       ##             in=9 out=1 answer=""
    """,
    "an answer after which something was noted": """
        agent:planner           ####################
          llm:gpt               ##                      asks=note
          tool:note(q=a)          ####
          llm:gpt                     ###               answer="TP 1277"
          llm:mini                       ##             asks=note
    """,
    "an output of the run": """
        agent:planner -> TP 1277    ################
          llm:gpt                   ##                asks=search
          tool:search(q=a)            ####
          llm:gpt                         ##          asks=search
          tool:search(q=b)                  ####
    """,
    "a last step that is a tool by its name": """
        agent:planner              ################
          llm:gpt                  ##                asks=final_result
          tool:final_result(q=a)     ####
          llm:gpt                        ##          asks=final_result
          tool:final_result(q=b)           ####
    """,
    "a last step that is a tool by design": """
        agent:mailer              ################
          llm:gpt                 ##                asks=search
          tool:search(q=a)          ####
          llm:gpt                       ##          asks=mail
          tool:mail(to=ann)               ####
    """,
    "structured output that is asked for as a tool": """
        agent:planner           ################
          llm:gpt               ##                asks=Person
    """,
    "a hand-over": """
        agent:front             ####
          llm:gpt               ##                asks=transfer_to_billing
    """,
    "answers that were not recorded": """
        agent:planner           ################
          llm:gpt               ##                in=90 out=20
          tool:search(q=a)        ####
          llm:gpt                     ##          in=90 out=40
    """,
    "streams whose text was not recorded": """
        agent:planner           ################
          llm:gpt               ##                in=90 out=20 asks=search
          tool:search(q=a)        ####
          llm:gpt                     ##          in=90 out=40 answer=""
    """,
    "a run in which no words were recorded": """
        agent:planner           ####
          llm:gpt               ##      answer=""
    """,
    "a run that failed otherwise": """
        agent:planner           !!!!!!!!!!!!      error="429"
          llm:gpt               ##                asks=search
          tool:search(q=a)        ####
          llm:gpt                     ##          asks=search
    """,
    "a last model call that failed": """
        agent:planner           ############
          llm:gpt               ##                asks=search
          tool:search(q=a)        ####
          llm:gpt                     !!          error="503"
    """,
    "a pause for a person": """
        agent:planner           ##############
          llm:gpt               ##                asks=send
          tool:send(q=a)          ####
          llm:gpt                     ##          asks=send
          tool:send(q=b)                ####
          tool:wait                         !     error="GraphInterrupt: approve?"
    """,
    "an inner agent that was cut off and a run that went on": """
        agent:boss                ##################
          agent:planner           !!!!!!!!!           error="Max turns exceeded"
            llm:gpt               ##                  asks=search
          llm:gpt                          ####       answer="TP 1277"
    """,
    "an inner agent that was cut off and a run with an output": """
        agent:boss -> TP 1277     ##################
          agent:planner           !!!!!!!!!           error="Max turns exceeded"
    """,
    "a question to a person that had been asked before": """
        agent:front                ################
          llm:gpt                  ##                asks=ask_human
          tool:ask_human(q=a)        ####
          llm:gpt                        ##          asks=ask_human
    """,
    "an action that was not run and may wait to be allowed": """
        agent:front                ################
          llm:gpt                  ##                asks=send_mail
          tool:send_mail(to=ann)     ####
          llm:gpt                        ##          asks=send_mail
    """,
    "words that stopped for tools which are not recorded": """
        agent:planner              ################
          llm:gpt                  ##                in=90 out=20 answer="Let me see." finish=tool_calls
          llm:gpt                        ##          in=140 out=20 answer="Let me look." finish=tool_calls
    """,
    "a program that has one thing after another taken down": """
        flow:intake                ##############
          llm:gpt                  ##                in=90 out=9 asks=save_order
          tool:save_order(n=1)       ##
          llm:gpt                      ####          in=70 out=9 asks=save_order
          tool:save_order(n=2)             ##
    """,
    "a side question that was answered with nothing": """
        agent:planner              ################
          llm:gpt                  ##                in=90 out=20 asks=search
          tool:search(q=a)           ####
          llm:gpt                        ##          in=140 out=20 answer="TP 1277"
          llm:gpt                          ##        in=30 out=1 answer=""
    """,
    "one thing after another, of which the last was answered with nothing": """
        flow:sorting               ########
          llm:gpt                  ##          in=90 out=4 answer="invoice"
          llm:gpt                    ##        in=95 out=1 answer=""
    """,
    "tools that were wanted and are not recorded": """
        agent:planner              ################
          llm:gpt                  ##                in=90 out=20 finish=tool_calls
          llm:gpt                        ##          in=140 out=20 finish=tool_calls
    """,
    "a solver that ran out of iterations": """
        agent:boss                ##################
          tool:solve(q=a)         !!!!!!!!!           error="Maximum number of iterations reached"
          llm:gpt                          ####       answer="x is about 3"
    """,
    "a run without a model": """
        flow:etl                  ####
          tool:load               ##
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF210", picture) == []


def test_it_is_silent_about_a_run_that_was_recorded_in_pieces():
    pieces = """
        step:one                ########
          llm:gpt               ##                asks=search
          tool:search(q=a)        ####
          llm:gpt                     ##          asks=search
        step:two                          ####
    """
    trace = redraw(draw(pieces), "two", parent_id="missing")
    assert found("RF210", trace) == []


def test_it_is_silent_about_a_run_whose_end_was_not_recorded():
    assert found("RF210", redraw(draw(LOOP), "planner", flags=frozenset({Flag.UNFINISHED}))) == []


def test_a_root_whose_own_parent_was_not_recorded_is_no_piece():
    assert len(found("RF210", redraw(draw(LOOP), "planner", parent_id="missing"))) == 1


def test_words_beside_a_request_that_nothing_followed_are_no_answer():
    picture = LOOP.replace(
        "asks=search\n      tool:search(q=b)", 'asks=search answer="Let me look further."\n      tool:search(q=b)'
    )
    assert len(found("RF210", picture)) == 1


def test_a_long_text_beside_a_request_is_an_answer():
    said = "Take TP 1277 at noon. " * 12
    picture = LOOP.replace(
        "asks=search\n      tool:search(q=b)", f'asks=search answer="{said}"\n      tool:search(q=b)'
    )
    assert found("RF210", picture) == []


def test_a_call_that_was_billed_for_no_words_said_nothing():
    picture = """
        agent:planner       ##########
          llm:gpt           ##          in=90 out=14 asks=search
          tool:search(q=a)    ####
          llm:gpt                 ####  in=140
    """
    (finding,) = found("RF210", picture)
    assert finding.message == "the last model call was billed for no words"


def test_a_run_that_failed_for_want_of_words_is_found():
    picture = """
        agent:planner       !!!!!!!!!!  error="UnexpectedModelBehavior: no output"
          llm:gpt           ##          in=90 out=14 asks=search
          tool:search(q=a)    ####
          llm:gpt                 ####  in=140 out=1 answer="" finish=content_filter
    """
    (finding,) = found("RF210", picture)
    assert finding.message == "the last model call was cut (content_filter) before it gave an answer"


def test_what_stands_for_an_answer_at_a_limit_is_none():
    picture = """
        agent:planner -> Sorry, need more steps to process this request.   ##########
          llm:gpt                                                          ##          asks=search
          tool:search(q=a)                                                   ####
          llm:gpt                                                                ####  asks=search
    """
    (finding,) = found("RF210", picture)
    assert finding.confidence == 0.9


def ended_by(answer: str) -> Trace:
    picture = """
        agent:planner              ############
          llm:gpt                  ##              asks=search
          tool:search(q=a)           ####
          llm:gpt                        ######    asks=final_answer
    """
    asked = (ToolRequest(name="final_answer", call_id=None, arguments={"answer": answer}),)
    return redraw_each(draw(picture), "gpt", lambda at: {"model": ModelUse(name="gpt", asked=asked)} if at == 1 else {})


def test_a_run_that_ended_by_a_tool_which_was_given_nothing_to_say_has_no_answer():
    assert len(found("RF210", ended_by(""))) == 1
    assert found("RF210", ended_by("Take TP 1277.")) == []


def test_a_run_that_gave_back_what_was_said_in_passing_has_no_answer():
    picture = """
        agent:planner -> Let me look further.   ################
          llm:gpt                               ##                asks=search
          tool:search(q=a)                        ####
          llm:gpt                                     ##          asks=search answer="Let me look further."
          tool:search(q=b)                              ####
    """
    assert len(found("RF210", picture)) == 1


def test_what_was_said_in_passing_may_be_one_field_of_what_a_run_gave_back():
    trace = redraw_each(
        draw(LOOP),
        "gpt",
        lambda at: {"model": ModelUse(name="gpt", answer="Let me look.", asked=(ToolRequest(name="search"),))},
    )
    given_back = redraw(trace, "planner", output='{"input": "Which flight?", "output": "Let me look."}')
    assert len(found("RF210", given_back)) == 1
    assert found("RF210", redraw(trace, "planner", output='{"output": "Take TP 1277."}')) == []


def test_what_the_last_tool_told_is_no_answer_where_the_run_had_gone_on_from_it_before():
    picture = """
        agent:planner -> two hits       ################
          llm:gpt                       ##                asks=search
          tool:search(q=a) -> one hit     ####
          llm:gpt                             ##          asks=search
          tool:search(q=b) -> two hits          ####
    """
    assert len(found("RF210", picture)) == 1
    assert found("RF210", picture.replace("tool:search(q=a)", "tool:locate(q=a)")) == []


def test_a_branch_that_was_cancelled_on_the_way_is_no_ending():
    picture = """
        agent:planner           ####################
          llm:gpt               ##                    asks=search
          tool:search(q=a)        ####
          tool:fetch(q=a)         !!!                 error="CancelledError"
          llm:gpt                     ##              asks=search
          tool:search(q=b)              ####
    """
    assert len(found("RF210", picture)) == 1


def test_the_answer_of_an_inner_agent_is_not_the_run_s():
    picture = """
        agent:boss                 ######################
          llm:gpt                  ##                        in=90 out=20 asks=expert
          agent:expert               ############
            llm:gpt                  ##                      in=40 out=20 asks=search
            tool:search(q=a)           ####
            llm:gpt                        ######            in=60 out=20 answer="TP 1277"
          llm:gpt                                ####        in=140 out=2 answer=""
    """
    assert len(found("RF210", picture)) == 1


def test_a_conversation_that_goes_on_after_some_words_and_says_nothing_has_no_answer():
    picture = """
        agent:planner              ################
          llm:gpt                  ##                in=90 out=20 asks=search
          tool:search(q=a)           ####
          llm:gpt                        ##          in=140 out=20 answer="Now I know enough."
          llm:gpt                          ##        in=160 out=1 answer=""
    """
    assert len(found("RF210", picture)) == 1


def test_where_the_words_are_not_recorded_the_reason_to_stop_tells_that_tools_were_wanted():
    picture = """
        agent:planner           ################
          llm:gpt               ##                in=90 out=20 finish=tool_use
          tool:search(q=a)        ####
          llm:gpt                     ##          in=140 out=20 finish=tool_use
          tool:search(q=b)              ####
    """
    (finding,) = found("RF210", picture)
    assert finding.message == "the last thing a model said was to ask for search; no answer followed"
    assert finding.confidence == 0.65
    assert len(found("RF210", picture.replace("finish=tool_use", 'finish=tool_use answer="Let me look."'))) == 1
    assert found("RF210", picture.replace("finish=tool_use", "")) == []


def sent(*messages: int) -> Trace:
    """The loop, its model calls being sent so many messages."""

    def changes(at: int) -> dict[str, object]:
        return {"input": [{"role": "user", "content": f"{at} {number}"} for number in range(messages[at])]}

    return redraw_each(draw(LOOP), "gpt", changes)


def test_a_conversation_is_told_from_one_thing_after_another_by_its_messages():
    assert len(found("RF210", sent(2, 4))) == 1
    assert found("RF210", sent(2, 2)) == []


@pytest.mark.parametrize(
    "output",
    [
        "Agent stopped due to max iterations.",
        '{"input": "Which flight?", "output": "Agent stopped due to iteration limit or time limit."}',
        "Model call limits exceeded: run limit (5/5)",
        '{"subtype": "error_max_turns", "result": null}',
        '{"output": "no idea", "state": "max_steps_error"}',
    ],
)
def test_a_framework_s_words_stand_for_an_answer_also_where_the_model_asks_for_tools_in_words(output: str):
    picture = 'agent:planner  ####\n  llm:gpt        ##    answer="Action: search"'
    assert len(found("RF210", redraw(draw(picture), "planner", output=output))) == 1


def test_what_the_model_itself_says_about_a_limit_is_its_answer():
    picture = 'agent:planner  ####\n  llm:gpt        ##    answer="You have reached the maximum number of steps."'
    stated = redraw(draw(picture), "planner", output="You have reached the maximum number of steps.")
    assert found("RF210", stated) == []


@pytest.mark.parametrize("reason", ["content-filter", "FinishReason.SAFETY", "MALFORMED_FUNCTION_CALL", "max_tokens"])
def test_a_model_can_be_cut_in_the_words_of_any_vendor(reason: str):
    assert len(found("RF210", f'llm:gpt  ####  in=90 out=900 answer="" finish={reason}')) == 1
