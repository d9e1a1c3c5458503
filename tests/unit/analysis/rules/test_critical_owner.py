"""RF106: one piece of work owns most of the critical path."""

import pytest

from reev_flow.trace.semantics import REEV_GAP
from support.draw import MS, draw
from support.findings import found
from support.redraw import redraw_each

SLOW_TOOL = """
    agent:planner          ####################
      llm:gpt              ##                      in=100 out=20
      tool:search            ##
      tool:hotels              ############
      llm:gpt                              ####    in=200 out=60
"""


def test_a_tool_that_takes_most_of_the_run_is_found():
    (finding,) = found("RF106", SLOW_TOOL, ms_per_column=100)
    assert finding.message == "tool hotels alone owns 60% of the critical path (1.20 s of 2.00 s)"


def test_all_that_it_owns_could_be_saved_when_nothing_runs_beside_it():
    (finding,) = found("RF106", SLOW_TOOL, ms_per_column=100)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 1_200 * MS


def test_only_what_no_other_work_takes_the_place_of_could_be_saved():
    picture = """
        agent:planner          ####################
          llm:gpt              ##                      in=100 out=20
          tool:flights           ####
          tool:hotels            ############
          llm:gpt                              ####    in=200 out=60
    """
    (finding,) = found("RF106", picture, ms_per_column=100)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 800 * MS


def test_the_larger_its_part_the_surer_it_is():
    larger = SLOW_TOOL.replace("############", "###############").replace(" ####    in=200", "    #    in=200")
    assert (
        found("RF106", larger, ms_per_column=100)[0].confidence
        > found("RF106", SLOW_TOOL, ms_per_column=100)[0].confidence
    )


def test_a_model_that_was_slow_for_what_it_wrote_is_found():
    picture = """
        agent:planner          ####################
          llm:gpt              ##                      in=100 out=40
          tool:search            ##
          llm:gpt                  ############        in=100 out=40
          llm:gpt                              ####    in=200 out=80
    """
    assert len(found("RF106", picture, ms_per_column=100)) == 1


def test_time_on_the_wire_counts_for_the_tool_it_served():
    picture = """
        agent:planner          ####################
          llm:gpt              ##                      in=100 out=20
          tool:search            ##
          tool:hotels              ############
            other:POST             ############
          llm:gpt                              ####    in=200 out=60
    """
    trace = draw(picture, ms_per_column=100)
    (finding,) = found("RF106", trace)
    assert finding.evidence == (next(span.span_id for span in trace.spans if span.name == "hotels"),)


PLAN = """
    flow:nightly     ####################
      step:load      #
      step:train      #################
      step:check                       #
      step:publish                      #
"""


def test_a_step_of_a_plan_that_takes_nearly_all_of_it_is_found():
    (finding,) = found("RF106", PLAN, ms_per_column=200_000)
    assert finding.message == "step train alone owns 85% of the critical path (56 min 40 s of 1 h 07 min)"


def test_a_step_whose_requests_are_seen_is_found():
    assert (
        len(
            found(
                "RF106",
                PLAN.replace("      step:check", "        other:POST    ################\n      step:check"),
                ms_per_column=200_000,
            )
        )
        == 1
    )


def test_an_agent_of_which_nothing_else_is_seen_is_found():
    assert len(found("RF106", PLAN.replace("step:train ", "agent:train"), ms_per_column=200_000)) == 1


def test_it_is_silent_about_a_time_in_which_nobody_held_the_run():
    trace = redraw_each(draw(PLAN, ms_per_column=200_000), "train", lambda _: {"attributes": {REEV_GAP: "down"}})
    assert found("RF106", trace) == []


SILENT = {
    "a step that takes the larger part of a plan": """
        flow:nightly     ####################
          step:load      ####
          step:train         ############
          step:check                     ##
          step:publish                     ##
    """,
    "a step that wraps a model that wrote much": """
        flow:nightly     ####################
          step:load      #
          step:write      #################
            llm:gpt       #################     in=900 out=9000
          step:check                       #
          step:look                         #
          step:publish                       #
    """,
    "a run of few pieces": """
        agent:planner          ####################
          llm:gpt              ##
          tool:hotels            ################
          llm:gpt                                ##
    """,
    "a run in which the time is spread": """
        agent:planner          ####################
          llm:gpt              ####
          tool:search              #####
          tool:hotels                   ######
          llm:gpt                             #####
    """,
    "a slow tool that nothing waited for": """
        agent:planner          ####################
          llm:gpt              #####
          tool:hotels          ############
          llm:gpt                   #####
          llm:gpt                        #####
          llm:gpt                             #####
    """,
    "a model that wrote much": """
        agent:planner          ####################
          llm:gpt              ##                      in=100 out=20
          tool:search            ##
          tool:hotels              ##
          llm:gpt                    ##############    in=900 out=700
    """,
    "a model whose tokens are not known": """
        agent:planner          ####################
          llm:gpt              ##                      in=100 out=20
          tool:search            ##
          tool:hotels              ##
          llm:gpt                    ##############
    """,
    "the only model whose tokens are known": """
        agent:planner          ####################
          llm:gpt              ##
          tool:search            ##
          tool:hotels              ##
          llm:gpt                    ##############    in=10 out=1
    """,
    "a tool beside another that takes as long": """
        agent:planner          ####################
          llm:gpt              ##                      in=100 out=20
          tool:flights           ############
          tool:hotels            ############
          llm:gpt                              ####    in=200 out=60
    """,
    "an intended wait": """
        agent:planner          ####################
          llm:gpt              ##
          tool:search            ##
          tool:sleep               ############
          llm:gpt                              ####
    """,
    "a person who was asked": """
        agent:planner            ####################
          llm:gpt                ##
          tool:search              ##
          tool:ask_human             ############
          llm:gpt                                ####
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF106", picture, ms_per_column=1_000) == []


def test_it_is_silent_about_a_run_that_nobody_waits_for():
    assert found("RF106", SLOW_TOOL) == []


def test_it_is_silent_about_a_run_without_time():
    picture = """
        agent:planner    |
          llm:gpt        |
          tool:a         |
          tool:b         |
          tool:c         |
    """
    assert found("RF106", picture) == []
