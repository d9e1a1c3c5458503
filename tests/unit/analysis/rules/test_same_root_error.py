"""RF209: one error was passed up through several levels."""

import pytest

from support.draw import draw
from support.findings import found, found_codes

PASSED = """
    flow:trip                     !!!!!!!!!!    error="planner failed: connection refused by 10.0.0.7"
      agent:planner               !!!!!!!!!     error="RuntimeError: connection refused by 10.0.0.7"
        llm:gpt                   ##
        tool:rates(usd=240)         !!!!        error="ConnectionError: connection refused by 10.0.0.7"
"""


def test_the_deepest_level_is_named_and_all_are_shown():
    (finding,) = found("RF209", PASSED)
    assert "arose in tool rates and passed agent planner, flow trip" in finding.message
    assert finding.evidence == tuple(draw(PASSED).spans[at].span_id for at in (0, 1, 3))


def test_the_error_is_classified_once_and_not_called_swallowed():
    assert found_codes(PASSED) & {"RF201", "RF206", "RF209"} == {"RF206", "RF209"}
    assert len(found("RF206", PASSED)) == 1


def test_two_levels_with_the_same_words_are_enough():
    picture = """
        agent:planner           !!!!!!    error="RuntimeError: connection refused by 10.0.0.7"
          llm:gpt               !!!!      error="connection refused by 10.0.0.7"
    """
    assert len(found("RF209", picture)) == 1


def test_three_levels_by_order_alone_are_less_sure():
    picture = """
        flow:trip               !!!!!!    error="the trip failed"
          agent:planner         !!!!!     error="the plan failed"
            tool:rates(usd=1)   !!!!      error="connection refused"
    """
    assert found("RF209", picture)[0].confidence < found("RF209", PASSED)[0].confidence


def test_infrastructure_in_between_hands_on_and_is_no_level():
    picture = """
        agent:planner             !!!!!!    error="connection refused by 10.0.0.7"
          tool:rates(usd=1)       !!!!      error="connection refused by 10.0.0.7"
            other:GET             !!!       error="connection refused by 10.0.0.7"
    """
    (finding,) = found("RF209", picture)
    assert "arose in tool rates" in finding.message


SILENT = {
    "one level": """
        agent:planner           ######
          tool:rates(usd=1)     !!!!      error="connection refused by 10.0.0.7"
    """,
    "a level that failed for a reason of its own": """
        agent:planner           !!!!!!!!!!    error="the budget is used up"
          tool:rates(usd=1)     !!!!          error="connection refused by 10.0.0.7"
          llm:gpt                   ####
    """,
    "two levels with other words": """
        agent:planner           !!!!!!    error="the plan failed"
          tool:rates(usd=1)     !!!!      error="connection refused by 10.0.0.7"
    """,
    "a failure that was made good": """
        flow:trip                      ############
          agent:planner                !!!!            error="connection refused by 10.0.0.7"
            tool:rates(usd=1)          !!!             error="connection refused by 10.0.0.7"
          agent:planner                     ######
            tool:rates(usd=1) -> 2          ####
    """,
    "a branch that was cancelled": """
        flow:race               !!!!!!    error="asyncio.exceptions.CancelledError"
          agent:planner         !!!!!     error="asyncio.exceptions.CancelledError"
            tool:rates(usd=1)   !!!!      error="asyncio.exceptions.CancelledError"
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF209", picture) == []


def test_a_step_of_an_agent_that_went_on_is_no_level():
    picture = """
        agent:planner              ##################
          step:1                   !!!!!!              error="503 service unavailable"
            tool:convert(usd=240)    !!!!              error="503 service unavailable"
          llm:gpt                          ####        answer="I could not convert it."
    """
    assert found("RF209", picture) == []
