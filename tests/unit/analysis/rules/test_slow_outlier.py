"""RF108: one call took far longer than its siblings."""

import pytest

from support.draw import MS
from support.findings import found

SLOW_CALL = """
    agent:planner                       ########################################
      tool:search(q=flights) -> TP1277   ##
      tool:search(q=hotels) -> Aurora      ##
      tool:search(q=trains) -> IC 521        ########################
      tool:search(q=museums) -> Serralves                            ###
      tool:search(q=weather) -> sunny                                   ##
"""

SLOW_MODEL = """
    agent:planner        ########################################
      llm:gpt            ##                                        in=100 out=20
      llm:gpt              ##                                      in=100 out=22
      llm:gpt                ##########################            in=100 out=25
      llm:gpt                                          ###         in=100 out=30
      llm:gpt                                             ##       in=100 out=21
"""


def test_a_call_far_beyond_its_siblings_is_found():
    (finding,) = found("RF108", SLOW_CALL, ms_per_column=100)
    assert finding.message == "one call of search took 2.40 s; the median of its 4 siblings is 200 ms"


def test_what_it_took_beyond_the_usual_could_be_saved():
    (finding,) = found("RF108", SLOW_CALL, ms_per_column=100)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 2_200 * MS


def test_a_model_that_was_slow_for_what_it_wrote_is_found():
    assert len(found("RF108", SLOW_MODEL, ms_per_column=100)) == 1


def test_the_first_call_may_have_had_to_warm_up():
    picture = """
        agent:planner                       ######################################
          tool:search(q=trains) -> IC 521    ########################
          tool:search(q=flights) -> TP1277                           ##
          tool:search(q=hotels) -> Aurora                              ##
          tool:search(q=museums) -> Serralves                            ###
          tool:search(q=weather) -> sunny                                   ##
    """
    (finding,) = found("RF108", picture, ms_per_column=100)
    assert finding.message.endswith("; it was the first, which may have had to warm up")
    assert finding.confidence == 0.5


SILENT = {
    "a call with few siblings": """
        agent:planner                       ##############################
          tool:search(q=flights) -> TP1277   ##
          tool:search(q=hotels) -> Aurora      ##
          tool:search(q=trains) -> IC 521        ########################
    """,
    "a tool that is slow now and then": """
        agent:planner                       ##################################################
          tool:search(q=flights) -> TP1277   ##
          tool:search(q=hotels) -> Aurora      ##
          tool:search(q=trains) -> IC 521        ########################
          tool:search(q=museums) -> Serralves                            ##
          tool:search(q=weather) -> sunny                                  ###################
    """,
    "calls that vary": """
        agent:planner                       ########################################
          tool:search(q=flights) -> TP1277   #
          tool:search(q=hotels) -> Aurora     ##
          tool:search(q=trains) -> IC 521       ######
          tool:search(q=museums) -> Serralves         ###
          tool:search(q=weather) -> sunny                ################
    """,
    "a call that was told far more": """
        agent:planner                     ########################################
          tool:fetch(page=1) -> a          ##
          tool:fetch(page=2) -> b            ##
          tool:fetch(page=3) -> MUCH           ########################
          tool:fetch(page=4) -> c                                      ###
          tool:fetch(page=5) -> d                                         ##
    """,
    "a model that wrote far more": SLOW_MODEL.replace("out=25", "out=400"),
    "a model whose tokens are not known": SLOW_MODEL.replace("in=100", "").replace("out=", "answer="),
    "a call that failed": SLOW_CALL.replace(
        "########################\n      tool:search(q=m", "!!!!!!!!!!!!!!!!!!!!!!!!\n      tool:search(q=m"
    ),
    "a tool that waits": SLOW_CALL.replace("search(", "wait_4("),
    "a tool that runs what it is given": SLOW_CALL.replace("search(", "python("),
    "a call that nobody waited for": """
        agent:planner                       #############################
          tool:search(q=trains) -> IC 521    ########################
          tool:search(q=flights) -> TP1277   ##
          tool:search(q=hotels) -> Aurora      ##
          tool:search(q=museums) -> Serralves    ###
          tool:search(q=weather) -> sunny           ##
          llm:gpt                                  ####################
    """,
    "a call that another agent's work is in": """
        agent:planner                       ########################################
          tool:search(q=flights) -> TP1277   ##
          tool:search(q=hotels) -> Aurora      ##
          tool:search(q=trains) -> IC 521        ########################
            llm:gpt                              ########################
          tool:search(q=museums) -> Serralves                            ###
          tool:search(q=weather) -> sunny                                   ##
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF108", picture.replace("MUCH", "x" * 400), ms_per_column=100) == []


def test_it_is_silent_about_what_nobody_notices():
    assert found("RF108", SLOW_CALL) == []


@pytest.mark.parametrize("kind", ["step", "retrieval"])
def test_steps_and_look_ups_have_siblings_too(kind: str):
    assert len(found("RF108", SLOW_CALL.replace("tool:", f"{kind}:"), ms_per_column=100)) == 1


def test_it_is_silent_about_a_model_that_had_far_more_to_read():
    more_to_read = SLOW_MODEL.replace("in=100 out=25", "in=90000 out=25")
    assert found("RF108", more_to_read, ms_per_column=100) == []


def test_who_has_much_to_read_each_time_may_still_take_long_for_writing_more():
    more_to_write = SLOW_MODEL.replace("in=100 out=25", "in=8000 out=400").replace("in=100 ", "in=8000 ")
    assert found("RF108", more_to_write, ms_per_column=100) == []
