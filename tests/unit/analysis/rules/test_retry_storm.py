"""RF102: the same was tried many times in a short time, and nothing had changed in between."""

import pytest

from support.draw import MS
from support.findings import found

STORM = """
    agent:planner                ####################
      tool:rates(usd=240)        !!!                      error="503 service unavailable"
      tool:rates(usd=240)           !!!                   error="503 service unavailable"
      tool:rates(usd=240)              !!!                error="503 service unavailable"
      tool:rates(usd=240)                 !!!             error="503 service unavailable"
      tool:rates(usd=240)                    !!!          error="503 service unavailable"
"""
ASKED_BY_A_MODEL = """
    agent:planner                ##############################
      tool:rates(usd=240)        !!!                              error=503
      llm:gpt                       ##
      tool:rates(usd=240)             !!!                         error=503
      llm:gpt                            ###
      tool:rates(usd=240)                   !!!                   error=503
      llm:gpt                                  #####
      tool:rates(usd=240)                           !!!           error=503
"""


def test_goes_without_pauses_are_found_with_all_of_them():
    (finding,) = found("RF102", STORM)
    assert finding.message == "tool rates failed 5 times within 15.0 ms without growing pauses, and never went well"
    assert len(finding.evidence) == 5


def test_the_goes_from_the_fourth_on_would_be_saved():
    (finding,) = found("RF102", STORM)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 6 * MS


def test_the_time_in_which_a_model_thought_is_no_pause():
    assert len(found("RF102", ASKED_BY_A_MODEL, ms_per_column=1_000)) == 1


def test_a_storm_that_went_well_in_the_end_is_less_sure():
    picture = STORM + "      tool:rates(usd=240) -> 221                #\n"
    assert found("RF102", picture)[0].confidence < found("RF102", STORM)[0].confidence


def test_more_goes_are_surer():
    longer = STORM + "      tool:rates(usd=240)                       !!  error=503\n"
    assert found("RF102", longer)[0].confidence > found("RF102", STORM)[0].confidence


def test_an_argument_that_counts_the_goes_makes_no_other_question():
    picture = """
        agent:planner                        ################
          tool:rates(usd=240, attempt=1)     !!!                error=503
          tool:rates(usd=240, attempt=2)        !!!             error=503
          tool:rates(usd=240, attempt=3)           !!!          error=503
          tool:rates(usd=240, attempt=4)              !!!       error=503
    """
    assert len(found("RF102", picture)) == 1


@pytest.mark.parametrize("operation", ["llm", "step", "retrieval"])
def test_other_work_can_be_hammered_too(operation: str):
    picture = f"""
        agent:planner        ############
          {operation}:it     !!              error=503
          {operation}:it       !!            error=503
          {operation}:it         !!          error=503
          {operation}:it           !!        error=503
    """
    (finding,) = found("RF102", picture)
    assert finding.message.startswith(f"{operation} it failed 4 times")


@pytest.mark.parametrize("operation", ["llm", "step", "retrieval"])
def test_other_work_that_went_well_in_the_end_is_told_so(operation: str):
    picture = f"""
        agent:planner        ############
          {operation}:it     !!              error=503
          {operation}:it       !!            error=503
          {operation}:it         !!          error=503
          {operation}:it           !!        error=503
          {operation}:it             ##
    """
    (finding,) = found("RF102", picture)
    assert finding.message.endswith("before it went well")


SILENT = {
    "one retry that went well": """
        agent:planner                  ############
          tool:rates(usd=240)          !!              error=503
          tool:rates(usd=240) -> 221     ##
    """,
    "three goes": """
        agent:planner             ############
          tool:rates(usd=240)     !!              error=503
          tool:rates(usd=240)       !!            error=503
          tool:rates(usd=240)         !!          error=503
    """,
    "pauses that grow": """
        agent:planner             ################
          tool:rates(usd=240)     !                   error=503
          tool:rates(usd=240)       !                 error=503
          tool:rates(usd=240)           !             error=503
          tool:rates(usd=240)                   !     error=503
    """,
    "other questions": """
        agent:planner             ############
          tool:rates(usd=1)       !!              error=503
          tool:rates(usd=2)         !!            error=503
          tool:rates(usd=3)           !!          error=503
          tool:rates(usd=4)             !!        error=503
    """,
    "questions side by side": """
        agent:planner             ############
          tool:rates(usd=1)       !!!!!           error=503
          tool:rates(usd=1)        !!!!!          error=503
          tool:rates(usd=1)         !!!!!         error=503
          tool:rates(usd=1)          !!!!!        error=503
    """,
    "asking whether it is ready": """
        agent:planner             ############
          tool:get_status(job=1)  !!              error="not ready"
          tool:get_status(job=1)    !!            error="not ready"
          tool:get_status(job=1)      !!          error="not ready"
          tool:get_status(job=1)        !!        error="not ready"
    """,
    "a failure that went away in between": """
        agent:planner                  ####################
          tool:rates(usd=1)            !!                      error=503
          tool:rates(usd=1) -> 2         ##
          tool:rates(usd=1)                !!                  error=503
          tool:rates(usd=1) -> 2             ##
          tool:rates(usd=1)                    !!              error=503
          tool:rates(usd=1) -> 2                 ##
          tool:rates(usd=1)                        !!          error=503
    """,
    "failed model calls, each made good": """
        agent:planner    ########################
          llm:gpt        !!                          error=429
          llm:gpt          ##                        asks=search
          llm:gpt              !!                    error=429
          llm:gpt                ##                  asks=search
          llm:gpt                    !!              error=429
          llm:gpt                      ##            asks=search
          llm:gpt                          !!        error=429
          llm:gpt                            ##      answer="221 euros."
    """,
    "long pauses of one length, in seconds": """
        agent:planner             ########################################################
          tool:rates(usd=240)     !                                                            error=503
          tool:rates(usd=240)                !                                                 error=503
          tool:rates(usd=240)                           !                                      error=503
          tool:rates(usd=240)                                      !                           error=503
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF102", picture, ms_per_column=1_000) == []


def test_a_tool_that_sleeps_makes_a_pause():
    picture = """
        agent:planner              ##############################
          tool:rates(usd=240)      !                                 error=503
          tool:sleep(s=1)           #
          tool:rates(usd=240)        !                               error=503
          tool:sleep(s=2)             ##
          tool:rates(usd=240)           !                            error=503
          tool:sleep(s=8)                ########
          tool:rates(usd=240)                    !                   error=503
    """
    assert found("RF102", picture, ms_per_column=1_000) == []


def test_it_is_silent_where_something_was_changed_between_the_goes():
    picture = """
        agent:coder                                     ################################
          tool:run_tests(all=1)                         !!                                error="2 failed"
          tool:edit_file(path=a, text=b) -> line 4        ##
          tool:run_tests(all=1)                             !!                            error="2 failed"
          tool:edit_file(path=b, text=c) -> line 9            ##
          tool:run_tests(all=1)                                 !!                        error="1 failed"
          tool:edit_file(path=c, text=d) -> line 1                ##
          tool:run_tests(all=1)                                     !!                    error="1 failed"
          tool:edit_file(path=d, text=e) -> line 3                    ##
          tool:run_tests(all=1)                                         !!                error="1 failed"
    """
    assert found("RF102", picture) == []


def test_nothing_that_is_changed_here_mends_a_service_that_is_down():
    picture = """
        agent:planner                                   ################################
          tool:rates(usd=240)                           !!                                error="503 service unavailable"
          tool:write_note(text=a) -> line 4               ##
          tool:rates(usd=240)                               !!                            error="503 service unavailable"
          tool:write_note(text=b) -> line 9                   ##
          tool:rates(usd=240)                                   !!                        error="503 service unavailable"
          tool:write_note(text=c) -> line 1                       ##
          tool:rates(usd=240)                                       !!                    error="503 service unavailable"
    """
    assert len(found("RF102", picture)) == 1
