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
