"""RF304: tokens were spent on a branch whose outcome nobody used."""

import pytest

from support.draw import draw
from support.findings import found
from support.redraw import redraw

CANCELLED = """
    flow:answer        ################
      agent:careful     !!!!!!!!         error="cancelled"
        llm:gpt         ######           in=2400 out=600
      agent:planner     ########
        llm:gpt         ########         in=900 out=200
      llm:gpt                   ######   in=300 out=40
"""
REDONE = """
    flow:answer        ################
      agent:planner     !!!!             error="boom"
        llm:gpt         ##               in=2400 out=600
      agent:planner         ########
        llm:gpt             ########     in=2400 out=600
"""
LOST = """
    flow:answer -> Lisbon       ####################
      agent:careful -> Lisbon    ########
        llm:gpt                  ########             in=2400 out=600
      agent:quick -> Porto       ########
        llm:gpt                  ########             in=900 out=200
"""


def test_a_branch_that_was_cancelled_is_found():
    (finding,) = found("RF304", CANCELLED)
    assert finding.message == "agent careful spent 3,000 tokens and was cancelled"


def test_what_it_spent_could_be_saved():
    (finding,) = found("RF304", CANCELLED)
    assert finding.saving is not None
    assert finding.saving.tokens == 3_000


def test_a_branch_that_failed_and_was_gone_through_again_is_found():
    (finding,) = found("RF304", REDONE)
    assert finding.message == "agent planner spent 3,000 tokens and failed, and another go had to do it all again"


def test_another_agent_may_have_taken_the_place_of_the_failed_one():
    assert len(found("RF304", REDONE.replace("agent:planner         ####", "agent:helper          ####"))) == 1


def test_a_branch_that_lost_to_another_is_found():
    (finding,) = found("RF304", LOST)
    assert finding.message == "agent quick spent 1,100 tokens and gave an outcome that was not used"


def test_the_surest_is_what_was_cancelled():
    sure = [found("RF304", picture)[0].confidence for picture in (CANCELLED, REDONE, LOST)]
    assert sure == sorted(sure, reverse=True)


SILENT = {
    "a branch that spent little": CANCELLED.replace("in=2400 out=600", "in=200 out=20"),
    "a run that was cancelled as a whole": """
        flow:answer        !!!!!!!!!   error="cancelled"
          agent:planner     !!!!!!!!   error="cancelled"
            llm:gpt         ######     in=2400 out=600
    """,
    "a branch that failed and was left at that": """
        flow:answer        ################
          agent:planner     !!!!             error="boom"
            llm:gpt         ##               in=2400 out=600
          llm:gpt               ########     in=2400 out=600
    """,
    "branches that a judge has read": LOST + "      llm:judge                           ######    in=300 out=40\n",
    "a guard beside the answer": LOST.replace("agent:quick", "agent:guard"),
    "branches whose outcomes agree": LOST.replace("Porto ", "Lisbon"),
    "branches that all went into the outcome": LOST.replace("answer -> Lisbon", "answer -> Both  "),
    "branches one after the other": """
        flow:answer -> Porto        ####################
          agent:careful -> Lisbon    ########
            llm:gpt                  ########             in=2400 out=600
          agent:quick -> Porto               ########
            llm:gpt                          ########     in=900 out=200
    """,
    "tokens that were not recorded": CANCELLED.replace("in=2400 out=600", ""),
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF304", picture) == []


def test_it_is_silent_about_branches_that_were_not_given_the_same():
    trace = redraw(
        redraw(draw(LOST), "careful", input="capital of Portugal?"), "quick", input="second town of Portugal?"
    )
    assert found("RF304", trace) == []
