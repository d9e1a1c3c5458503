"""RF201: a tool failed, nothing made it good, and the run ended as if nothing had happened."""

import pytest

from support.draw import draw
from support.findings import found

SWALLOWED = """
    agent:planner                  ##############
      llm:gpt                      ##                asks=convert
      tool:convert(usd=240)          !!!!            error="429 too many requests"
      llm:gpt                            ####        answer="The trip costs 221 EUR."
"""


def test_a_failure_that_the_answer_does_not_mention_is_found():
    (finding,) = found("RF201", SWALLOWED)
    assert finding.message == (
        "convert failed (429 too many requests), was not tried again with success, and the answer does not mention it"
    )
    assert finding.confidence == 0.85


def test_several_failures_of_one_tool_are_one_finding():
    picture = """
        agent:planner                  ##################
          tool:convert(usd=240)        !!!!                  error="429"
          tool:convert(usd=300)            !!!!              error="429"
          llm:gpt                              ####          answer="The trip costs 221 EUR."
    """
    (finding,) = found("RF201", picture)
    assert finding.message.startswith("convert failed 2 times (429)")
    assert len(finding.evidence) == 2


def test_each_tool_is_a_finding_of_its_own():
    picture = """
        agent:planner                  ##################
          tool:convert(usd=240)        !!!!                  error="429"
          tool:weather(city=Faro)          !!!!              error="503"
          llm:gpt                              ####          answer="Enjoy the trip."
    """
    assert [finding.message.split()[0] for finding in found("RF201", picture)] == ["convert", "weather"]


def test_what_models_said_and_nobody_recorded_may_have_admitted_it():
    picture = """
        agent:planner                  ##############
          llm:gpt                      ##
          tool:convert(usd=240)          !!!!            error="429"
          llm:gpt                            ####
    """
    assert found("RF201", picture) == []


def test_without_models_and_answers_it_is_an_even_bet():
    picture = """
        flow:trip                      ##############
          tool:convert(usd=240)          !!!!            error="429"
          step:book                          ####
    """
    (finding,) = found("RF201", picture)
    assert finding.message.endswith("and the run ended as a success")
    assert finding.confidence == 0.5


def test_an_answer_given_before_the_failure_cannot_mention_it():
    picture = """
        agent:planner                  ##############
          llm:gpt                      ####              answer="Enjoy the trip."
          tool:save_trip(id=7)             !!!!          error="503"
    """
    assert found("RF201", picture)[0].message.endswith("and the run ended as a success")


def test_a_failure_without_words_says_so():
    assert "(no reason given)" in found("RF201", SWALLOWED.replace('error="429 too many requests"', ""))[0].message


def test_a_model_that_asked_the_tool_in_another_way_and_answered_made_a_correction():
    picture = """
        agent:planner                  ##################
          tool:convert(usd=480)        !!!!                  error="ValueError: no such currency"
          llm:gpt                          ##
          tool:convert(usd=176)              ####
          llm:gpt                                ####        answer="The trip costs 221 EUR."
    """
    assert found("RF201", picture) == []


def test_another_question_is_no_correction_where_the_other_side_was_busy():
    picture = """
        agent:planner                  ##################
          tool:convert(usd=480)        !!!!                  error="429"
          llm:gpt                          ##
          tool:convert(usd=176)              ####
          llm:gpt                                ####        answer="The trip costs 221 EUR."
    """
    assert found("RF201", picture)[0].confidence == 0.68


def test_it_is_less_sure_when_the_tool_went_well_with_another_question_in_a_run_without_models():
    picture = """
        flow:trip                      ##################
          tool:convert(usd=480)        !!!!                  error="429"
          tool:convert(usd=176)              ####
    """
    assert found("RF201", picture)[0].confidence == 0.4


def test_it_is_less_sure_when_another_tool_went_well_afterwards():
    picture = """
        agent:planner                  ##################
          tool:convert(usd=480)        !!!!                  error="429"
          llm:gpt                          ##
          tool:weather(city=Faro)            ####
          llm:gpt                                ####        answer="The trip costs 221 EUR."
    """
    assert found("RF201", picture)[0].confidence == 0.68


def test_it_is_less_sure_of_an_error_that_is_only_told_in_the_result():
    picture = """
        agent:planner                                          ############
          tool:convert(usd=240) -> "Error: 429 Too Many Requests"  ####
          llm:gpt                                                      ####    answer="The trip costs 221 EUR."
    """
    assert found("RF201", picture)[0].confidence == 0.64


SILENT = {
    "one retry that succeeds": """
        agent:planner                  ##################
          tool:convert(usd=240)        !!!!                  error="503"
          llm:gpt                          ##
          tool:convert(usd=240)              ####
          llm:gpt                                ####        answer="The trip costs 221 EUR."
    """,
    "a corrected call": """
        agent:coder                    ##################
          tool:read_file(path=a)       !!!!                  error="no such file"
          llm:gpt                          ##
          tool:read_file(path=src/a)         ####
          llm:gpt                                ####        answer="It prints hello."
    """,
    "an answer that admits it": """
        agent:planner                  ##############
          tool:convert(usd=240)        !!!!              error="429"
          llm:gpt                          ####          answer="It is 240 USD; I could not convert it."
    """,
    "an answer that admits it in German": """
        agent:planner                  ##############
          tool:convert(usd=240)        !!!!              error="429"
          llm:gpt                          ####          answer="Es kostet 240 USD; leider ohne Umrechnung."
    """,
    "an answer that admits it in Chinese": """
        agent:planner                  ##############
          tool:convert(usd=240)        !!!!              error="429"
          llm:gpt                          ####          answer="票价为240美元,无法换算成欧元。"
    """,
    "an output that admits it": """
        agent:planner -> I could not convert it    ##############
          tool:convert(usd=240)                    !!!!              error="429"
          llm:gpt                                      ####          asks=final
    """,
    "a plain output that admits it beside a last word that does not": """
        agent:planner -> Sorry: without the rate   ##################
          tool:convert(usd=240)                    !!!!                  error="429"
          llm:gpt                                      ####              answer="Sorry: without the rate"
          llm:mini                                          ####         answer="A trip to Lisbon"
    """,
    "an error that reached the run": """
        agent:planner                  !!!!!!!!!!        error="429"
          tool:convert(usd=240)        !!!!              error="429"
    """,
    "an error that reached the step around it": """
        flow:trip                        ##########
          step:tools                     !!!!!          error="429"
            tool:convert(usd=240)        !!!!           error="429"
          llm:gpt                             ####      answer="The trip costs 221 EUR."
    """,
    "a fallback asked for the same": """
        agent:planner                  ##################
          tool:google(q=rates today)   !!!!                  error="503"
          llm:gpt                          ##
          tool:bing(q=rates today)           ####
          llm:gpt                                ####        answer="The trip costs 221 EUR."
    """,
    "a fallback by its name": """
        agent:planner                  ##################
          tool:get_rate(usd=240)       !!!!                  error="503"
          tool:get_rate_backup(x=1)        ####
          llm:gpt                                ####        answer="The trip costs 221 EUR."
    """,
    "a call that was amiss and a tool that went on from there": """
        agent:coder                           ##################
          tool:apply_patch(path=a, diff=x)    !!!!                  error="hunk 1 does not match"
          llm:gpt                                 ##
          tool:write_file(path=a, text=y)           ####
          llm:gpt                                       ####        answer="Done: it prints hello."
    """,
    "a tool that was amiss and a shell that did it": """
        agent:coder                           ##################
          tool:grep(pattern=x)                !!!!                  error="bad pattern"
          llm:gpt                                 ##
          tool:bash(cmd=rg x)                       ####
          llm:gpt                                       ####        answer="It is in a.py."
    """,
    "an answer that says what is not there": """
        agent:planner                  ##############
          tool:get_user(name=bob)      !!!!              error="404 Not Found"
          llm:gpt                          ####          answer="There is no user of that name."
    """,
    "a result that says what is not there": """
        agent:planner                                            ##############
          tool:get_user(name=bob) -> "Error: user not found"     ####
          llm:gpt                                                    ####          answer="I made one."
    """,
    "a pause for a person": """
        agent:planner                  ##############
          tool:send(to=ann)            !!!!              error="GraphInterrupt(value='approve?')"
          llm:gpt                          ####          answer="Sent."
    """,
    "a branch that was called off": """
        agent:planner                  ##############
          tool:bing(q=a)               !!!!              error="CancelledError"
          tool:google(q=a)             ###
          llm:gpt                          ####          answer="TP 1277."
    """,
    "a document about errors": """
        agent:planner                                         ##############
          tool:search(q=errors) -> How to handle 429 errors   ####
          llm:gpt                                                 ####      answer="Wait and try."
    """,
    "a log full of errors": """
        agent:planner                                        ##############
          tool:read_log(of=api) -> "Error: 503 unavailable"  ####
          llm:gpt                                                ####      answer="Restart it."
    """,
    "a request that failed inside a tool that went well": """
        agent:planner                  ##############
          tool:search(q=a) -> TP1277   ####
            other:GET                   !!               error="404 Not Found"
          llm:gpt                          ####          answer="TP 1277."
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF201", picture) == []


def test_a_state_that_repeats_what_tools_said_admits_nothing_beside_an_answer():
    trace = draw("""
        agent:planner -> tool=429 error, answer=221 EUR   ##############
          tool:convert(usd=240)                           !!!!              error="429"
          llm:gpt                                             ####          answer="The trip costs 221 EUR."
    """)
    assert len(found("RF201", trace)) == 1


def test_one_common_value_does_not_stand_in_for_a_service_that_was_down():
    picture = """
        agent:planner                             ##################
          tool:hotels(city=Faro, nights=2)        !!!!                  error="503"
          llm:gpt                                     ##
          tool:weather(city=Faro)                       ####
          llm:gpt                                           ####        answer="Enjoy your stay in Faro."
    """
    assert len(found("RF201", picture)) == 1


def test_looking_does_not_stand_in_for_acting():
    picture = """
        agent:planner                  ##################
          tool:update_order(id=7)      !!!!                  error="503"
          llm:gpt                          ##
          tool:get_order(id=7)               ####
          llm:gpt                                ####        answer="Your order is on its way."
    """
    assert len(found("RF201", picture)) == 1


def test_a_step_of_an_agent_that_went_on_passes_nothing_on():
    picture = """
        agent:planner              ##################
          step:1                   !!!!!!              error="503"
            llm:gpt                ##                  asks=convert
            tool:convert(usd=240)    !!!!              error="503 service unavailable"
          step:2                         ######
            llm:gpt                      ####          answer="The trip costs 221 EUR."
    """
    assert len(found("RF201", picture)) == 1


def test_what_an_agent_gave_back_is_an_answer_too():
    picture = """
        agent:planner -> 221 euros    ##################
          llm:gpt                     ##                  asks=convert
          tool:convert(usd=240)         !!!!              error="503 service unavailable"
          llm:gpt                             ####        asks=final_answer
    """
    (finding,) = found("RF201", picture)
    assert finding.confidence == 0.85
