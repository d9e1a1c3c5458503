"""Which named patterns a run shows."""

import pytest

from reev_flow.analysis.advice.patterns import Pattern, PatternDetector, PatternKind
from support.draw import MS, draw

FAN_OUT = """
    agent:planner               ############
      llm:gpt                   ##              asks=look
      tool:look(x=1) -> one       ####
      tool:look(x=2) -> two       ######
      tool:look(x=3) -> three     ###
      llm:gpt                           ####    answer="all three"
"""


def detected(picture: str) -> dict[PatternKind, Pattern]:
    return {one.kind: one for one in PatternDetector().detect(draw(picture))}


def test_work_that_ran_at_one_moment_is_a_fan_out():
    found = detected(FAN_OUT)[PatternKind.FAN_OUT]
    assert (found.count, found.where, len(found.spans)) == (1, ("look",), 3)


def test_nothing_is_wrong_with_a_fan_out():
    assert detected(FAN_OUT)[PatternKind.FAN_OUT].codes == ()


def test_a_pattern_owns_what_its_spans_own_of_the_path():
    found = detected(FAN_OUT)[PatternKind.FAN_OUT]
    assert found.duration_ns == 6 * MS
    assert found.time_share == pytest.approx(0.5)


def test_two_pieces_of_work_side_by_side_are_no_fan_out():
    assert PatternKind.FAN_OUT not in detected("""
        agent:planner               ############
          tool:look(x=1) -> one       ####
          tool:look(x=2) -> two       ######
    """)


def test_work_in_a_row_is_no_fan_out():
    assert PatternKind.FAN_OUT not in detected("""
        agent:planner               ############
          tool:look(x=1) -> one     ####
          tool:look(x=2) -> two         ####
          tool:look(x=3) -> three           ####
    """)


def test_asking_for_a_status_until_it_is_done_is_polling():
    found = detected("""
        agent:planner                             ##############
          tool:job_status(id=7) -> running        ##
          tool:job_status(id=7) -> running            ##
          tool:job_status(id=7) -> done                   ##
    """)
    assert (found[PatternKind.POLLING].count, len(found[PatternKind.POLLING].spans)) == (1, 3)


def test_a_tool_that_says_that_work_goes_on_is_polled_whatever_its_name():
    found = detected("""
        agent:planner                           ##############
          tool:get_export(id=7) -> pending      ##
          tool:get_export(id=7) -> pending          ##
          tool:get_export(id=7) -> /tmp/x.csv           ##
    """)
    assert PatternKind.POLLING in found


def test_asking_for_the_status_of_several_things_is_no_polling():
    assert PatternKind.POLLING not in detected("""
        agent:planner                             ##############
          tool:job_status(id=7) -> done           ##
          tool:job_status(id=8) -> done               ##
          tool:job_status(id=9) -> done                   ##
    """)


def test_a_failure_that_another_go_made_good_is_a_retry():
    found = detected("""
        agent:planner                ##########
          tool:fetch(x=1)            !!!         error="503 unavailable"
          tool:fetch(x=1) -> page        ####
    """)
    assert (found[PatternKind.RETRY].count, len(found[PatternKind.RETRY].spans)) == (1, 2)


HANDED_ON = """
    flow:trip            ####################
      agent:planner      ########
        llm:gpt          ########               in=100 out=20
      agent:booker               ############
        llm:gpt                  ############   in=300 out=20
"""


def test_an_agent_that_is_followed_by_another_hands_over():
    found = detected(HANDED_ON)[PatternKind.HAND_OFF]
    assert (found.count, found.where) == (1, ("planner", "booker"))


def test_what_a_hand_off_spent_is_what_was_spent_after_it():
    found = detected(HANDED_ON)[PatternKind.HAND_OFF]
    assert found.tokens == 320
    assert found.token_share == pytest.approx(320 / 440)


def test_an_agent_inside_another_was_handed_something():
    found = detected("""
        agent:boss          ##########
          agent:helper        ######
    """)
    assert found[PatternKind.HAND_OFF].where == ("boss", "helper")


def test_another_go_of_the_same_agent_is_no_hand_off():
    assert PatternKind.HAND_OFF not in detected("""
        flow:trip           ##########
          agent:planner     ####
          agent:planner         ######
    """)


REPEATED = """
    agent:planner                       ################
      llm:gpt                           ##                asks=search
      tool:search(q=one) -> found it      ####
      llm:gpt                                 ##          asks=search
      tool:search(q=one) -> found it            ####
      llm:gpt                                       ####  answer=done
"""


def test_what_a_finding_shows_is_a_pattern_that_names_its_code():
    assert detected(REPEATED)[PatternKind.REPETITION].codes == ("RF101",)


def test_patterns_that_something_is_wrong_with_come_first():
    found = PatternDetector().detect(draw(REPEATED + "      agent:helper  |\n"))
    assert [bool(one.codes) for one in found] == [True, False]


def test_what_stood_still_is_as_long_as_the_gap():
    trace = draw(
        """
        agent:planner               ########################
          llm:gpt                   ##                         asks=search
          tool:search(x=1) -> one     ##
          llm:gpt                             ##############   answer=done
        """,
        ms_per_column=1_000,
    )
    found = {one.kind: one for one in PatternDetector().detect(trace)}
    assert found[PatternKind.STANDSTILL].duration_ns == 6_000 * MS


def test_a_run_without_patterns_has_none():
    assert PatternDetector().detect(draw("llm:gpt  ##  answer=hello")) == ()


def test_without_rules_only_what_is_as_it_should_be_is_seen():
    assert PatternDetector(rules=()).detect(draw(REPEATED)) == ()
