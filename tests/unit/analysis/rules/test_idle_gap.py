"""RF107: time in which the run stood still and nobody says why."""

import pytest

from reev_flow.trace.span import SpanEvent
from support.draw import MS, START_NS, draw
from support.findings import found
from support.redraw import redraw

STOOD_STILL = """
    agent:planner        ####################
      llm:gpt            ##                      asks=search
      tool:search          ###
      llm:gpt                        ####        asks=book
      tool:book                          ####
"""


def test_a_pause_between_two_operations_is_found():
    (finding,) = found("RF107", STOOD_STILL, ms_per_column=1_000)
    assert finding.message == "agent planner stood still for 7.00 s between search and gpt (35% of the run)"


def test_a_pause_is_told_from_the_tool_that_ended_last_and_not_from_what_ran_inside_it():
    picture = """
        agent:planner        ####################
          llm:gpt            ##                      asks=research
          tool:research        ######
            llm:small           ###
          llm:gpt                          ######    answer="Here it is."
    """
    (finding,) = found("RF107", picture, ms_per_column=1_000)
    assert "between research and gpt" in finding.message


def test_all_of_the_pause_could_be_saved_at_most():
    (finding,) = found("RF107", STOOD_STILL, ms_per_column=1_000)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 7_000 * MS


def test_the_larger_its_part_of_the_run_the_surer_it_is():
    picture = """
        agent:planner        ####################
          llm:gpt            ##                      asks=search
          tool:search          ######
          llm:gpt                        ####        asks=book
          tool:book                          ####
    """
    (smaller,) = found("RF107", picture, ms_per_column=1_000)
    assert smaller.confidence < found("RF107", STOOD_STILL, ms_per_column=1_000)[0].confidence


def test_a_long_time_before_the_first_operation_is_found_less_surely():
    picture = """
        agent:planner        ####################
          llm:gpt                      ######        asks=book
          tool:book                          ####
    """
    (finding,) = found("RF107", picture, ms_per_column=1_000)
    assert finding.message == "agent planner stood still for 10.0 s before gpt (50% of the run)"
    assert finding.confidence == 0.8


def test_a_pause_that_plumbing_explains_in_part_is_found_for_the_rest():
    picture = """
        agent:planner        ####################
          llm:gpt            ##                      asks=search
          tool:search          ###
          other:POST              ###
          llm:gpt                        ####        asks=book
          tool:book                          ####
    """
    (finding,) = found("RF107", picture, ms_per_column=1_000)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 4_000 * MS


def test_plumbing_that_ran_beside_the_whole_agent_explains_nothing():
    picture = """
        other:POST             ######################
          other:resolve        ######################
          agent:planner         ####################
            llm:gpt             ##                      asks=search
            tool:search           ###
            llm:gpt                         ####        asks=book
            tool:book                           ####
    """
    assert len(found("RF107", picture, ms_per_column=1_000)) == 1


HANDED_ON = """
    flow:trip               ####################
      agent:researcher      ######
        llm:gpt             ###                     asks=search
        tool:search            ##
        llm:gpt                  #                  answer="Take TP1277."
      agent:writer                        ######
        llm:gpt                           ######    answer="A letter."
"""


def test_a_pause_between_two_agents_is_found():
    (finding,) = found("RF107", HANDED_ON, ms_per_column=1_000)
    assert finding.message == "flow trip stood still for 8.00 s between researcher and writer (40% of the run)"


def test_a_pause_between_two_agents_that_use_no_tools_is_found():
    talked = HANDED_ON.replace("asks=search", "").replace("tool:search ", "llm:gpt     ")
    assert len(found("RF107", talked, ms_per_column=1_000)) == 1


SILENT = {
    "a person who reads what the agent answered": HANDED_ON.replace("writer    ", "researcher"),
    "a person whom the agent asked": HANDED_ON.replace("Take TP1277.", "Take TP1277?"),
    "a person who answers within an agent, though another one was asked before": """
        flow:trip               ######################
          agent:researcher      ##
            llm:gpt             ##                        answer="Take TP1277."
          agent:writer            ####################
            llm:gpt               ##                      answer="To whom?"
            llm:gpt                             ######    answer="A letter."
    """,
    "a run without pauses": """
        agent:planner        #############
          llm:gpt            ##                      asks=search
          tool:search          ###
          llm:gpt                 ####               asks=book
          tool:book                   ####
    """,
    "plumbing that ran in the pause": """
        agent:planner        ####################
          llm:gpt            ##                      asks=search
          tool:search          ###
          other:POST              #########
          llm:gpt                        ####        asks=book
          tool:book                          ####
    """,
    "work that the run did not wait for": """
        flow:trip              ####################
          agent:planner        ####################
            llm:gpt            ##                      asks=search
            tool:search          ##################
    """,
    "an agent that does its work itself": """
        flow:trip              ####################
          agent:planner        ##########
          agent:booker                   ##########
    """,
    "an agent whose models were not traced": """
        agent:planner        ####################
          tool:search          ###
          tool:book                         ####
    """,
    "a run whose tools were not traced": """
        agent:planner        ####################
          llm:gpt            ##
          llm:gpt                          ####
    """,
    "a tool that was asked for and has no span": """
        agent:planner        ####################
          llm:gpt            ##                      asks=browse
          llm:gpt                    ####            asks=search
          tool:search                    ########
    """,
    "polling": """
        agent:planner                      ####################
          llm:gpt                          ##                      asks=get_status
          tool:get_status(id=7) -> 10        #
          tool:get_status(id=7) -> 90                #
          llm:gpt                                     ######
    """,
    "work that goes on elsewhere": """
        agent:planner                      ####################
          llm:gpt                          ##                      asks=build
          tool:build(id=7) -> running        #
          llm:gpt                                     ######
    """,
    "the pause before a retry": """
        agent:planner        ####################
          llm:gpt            ##                      asks=search
          tool:search          !!                    error="503 service unavailable"
          tool:search                  ####
          llm:gpt                          ########
    """,
    "a person who reads the answer": """
        agent:planner        ####################
          llm:gpt            ##                      asks=search
          tool:search          ##
          llm:gpt                ##                  answer="Take TP1277."
          llm:gpt                          ####      answer="Gladly."
    """,
    "pauses that are alike throughout": """
        agent:planner        ################################
          llm:gpt            ##                                  asks=search
          tool:search              ##
          llm:gpt                        ##                      asks=search
          tool:search                          ##
          llm:gpt                                    ##          asks=search
          tool:search                                      ##
    """,
    "setting up": """
        agent:planner        ####################
          llm:gpt               ######               asks=book
          tool:book                   ###########
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF107", picture, ms_per_column=1_000) == []


def test_it_is_silent_about_a_pause_that_nobody_notices():
    assert found("RF107", STOOD_STILL, ms_per_column=100) == []


def test_it_is_silent_where_an_event_says_what_was_waited_for():
    queued = SpanEvent(time_ns=START_NS + 6_000 * MS, name="queued")
    assert found("RF107", redraw(draw(STOOD_STILL, ms_per_column=1_000), "planner", events=(queued,))) == []


def test_it_is_silent_where_spans_are_missing():
    assert found("RF107", redraw(draw(STOOD_STILL, ms_per_column=1_000), "book", parent_id="f" * 16)) == []


def test_it_is_silent_before_a_retry_that_a_model_asked_for():
    picture = """
        agent:planner                   ####################
          llm:gpt                       ##                      asks=rates
          tool:rates(usd=1)               ##                    error="429 too many requests"
          llm:gpt                                 ##            asks=rates
          tool:rates(usd=1) -> 2                    ##
          llm:gpt                                     ########
    """.replace("##                    error", "!!                    error")
    assert found("RF107", picture, ms_per_column=1_000) == []
