"""RF302: what a model wrote was cut off because it grew too long, and nobody had it go on."""

import pytest

from support.findings import found

CUT = """
    agent:planner    ########
      llm:gpt        ##        in=100 out=40 asks=search
      tool:search      ##
      llm:gpt            ####  in=900 out=1024 answer="The best way to get to" finish=length
"""


def test_an_answer_that_was_cut_is_found():
    (finding,) = found("RF302", CUT)
    assert finding.message == "what gpt wrote was cut off because it grew too long (length)"


@pytest.mark.parametrize(
    "reason",
    [
        "max_tokens",
        "MAX_TOKENS",
        "max-tokens",
        "FinishReason.MAX_TOKENS",
        "FINISH_REASON_MAX_TOKENS",
        "max_output_tokens",
        "model_length",
        "LENGTH",
        "incomplete",
        "model_context_window_exceeded",
    ],
)
def test_every_vendor_has_its_own_words_for_it(reason: str):
    assert len(found("RF302", CUT.replace("finish=length", f"finish={reason}"))) == 1


def test_a_text_that_was_cut_before_the_next_thing_was_done_is_less_sure():
    picture = """
        agent:planner    ############
          llm:gpt        ####          in=900 out=1024 answer="First we have to" finish=length
          llm:gpt            ##        in=2000 out=40 asks=search finish=tool_calls
          tool:search          ##
          llm:gpt                ####  in=2200 out=40 answer="Take TP1277." finish=stop
    """
    assert found("RF302", picture)[0].confidence < found("RF302", CUT)[0].confidence


def test_cuts_of_one_agent_are_told_together():
    picture = """
        agent:planner    ##############
          llm:gpt        ####            in=900 out=1024 answer="First we have to" finish=length
          tool:search        ##
          llm:gpt              ########  in=2200 out=1024 answer="Now we" finish=length
    """
    (finding,) = found("RF302", picture)
    assert finding.message == "what gpt wrote was cut off 2 times because it grew too long (length)"


SILENT = {
    "an answer that ended by itself": CUT.replace("finish=length", "finish=stop"),
    "an end without a reason": CUT.replace("finish=length", ""),
    "an answer that was gone on with": CUT.replace("########\n", "##########\n", 1)
    + '      llm:gpt                ##  in=1950 out=30 answer="Porto is the train." finish=stop\n',
    "a tool call that was asked for anew": """
        agent:planner    ############
          llm:gpt        ####          in=900 out=1024 asks=write finish=length
          llm:gpt            ##        in=2000 out=40 asks=write finish=tool_calls
          tool:write           ##
    """,
    "a letter that was all that was wanted": CUT.replace("out=1024", "out=1"),
    "a call that failed": CUT.replace("####  in=900", "!!!!  in=900"),
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF302", picture) == []
