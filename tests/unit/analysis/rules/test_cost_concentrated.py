"""RF305: one model call, or one agent in few calls, spent most of a run's tokens."""

import pytest

from support.findings import found

ONE_CALL = """
    agent:planner    ############
      llm:gpt        ##            in=400 out=40
      llm:gpt          ##          in=500 out=50
      llm:gpt            ####      in=30000 out=200
      llm:gpt                ##    in=600 out=60
      llm:gpt                  ##  in=500 out=90
"""
ONE_AGENT = """
    flow:trip           ##############
      agent:planner     ####
        llm:gpt         ##              in=400 out=40
        llm:gpt           ##            in=500 out=50
      agent:reader          ####
        llm:gpt             ##          in=7000 out=200
        llm:gpt               ##        in=7000 out=200
      agent:writer              ######
        llm:gpt                 ##      in=600 out=60
        llm:gpt                   ##    in=500 out=90
        llm:gpt                     ##  in=500 out=90
"""


def test_a_call_that_spent_most_is_found():
    (finding,) = found("RF305", ONE_CALL)
    assert finding.message == "one of 5 model calls (gpt) spent 93% of the run's tokens (30,200 of 32,440)"


def test_what_it_spent_beyond_the_usual_could_be_saved():
    (finding,) = found("RF305", ONE_CALL)
    assert finding.saving is not None
    assert finding.saving.tokens == 30_200 - 570


def test_an_agent_that_spent_most_in_few_calls_is_found():
    (finding,) = found("RF305", ONE_AGENT)
    assert finding.message.startswith("agent reader, one of 3, in 2 calls spent 84% of the run's tokens")


SILENT = {
    "the only call": """
        agent:planner    ####
          llm:gpt        ####  in=30000 out=200
    """,
    "one of few calls": "\n".join(ONE_CALL.splitlines()[:4]),
    "a run in which the tokens are spread": ONE_CALL.replace("in=30000", "in=900"),
    "a run that spent little": ONE_CALL.replace("in=30000", "in=1200")
    .replace("in=400", "in=20")
    .replace("in=500", "in=20"),
    "a call that did the writing": ONE_CALL.replace("in=30000 out=200", "in=900 out=30000"),
    "a call that a cache served": ONE_CALL.replace("out=200", "out=200 cached=20000"),
    "tokens that are not known": ONE_CALL.replace("in=", "answer=").replace("out=", "finish="),
    "an agent that does most of the calls": ONE_AGENT.replace("in=7000", "in=400").replace(
        "agent:writer ", "agent:reader "
    ),
    "one of two agents": ONE_AGENT.replace("agent:writer ", "agent:planner"),
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF305", picture) == []
