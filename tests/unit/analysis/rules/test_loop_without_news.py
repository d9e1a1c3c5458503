"""RF103: the same tools were called round after round, and no round told anything that was not known."""

import pytest

from support.draw import MS
from support.findings import found

LOOP = """
    agent:planner                       ##############################
      tool:search(q=visa) -> page 7     ####
      llm:gpt                               #
      tool:fetch(id=7) -> see embassy        ####
      llm:gpt                                    #
      tool:search(q=visa) -> page 7               ####
      tool:fetch(id=7) -> see embassy                 ####
      tool:search(q=visa) -> page 7                       ####
      tool:fetch(id=7) -> see embassy                         ####
"""


def test_rounds_that_tell_nothing_new_are_found_with_all_their_calls():
    (finding,) = found("RF103", LOOP)
    assert finding.message.startswith("search → fetch went round 3 times with the same arguments")
    assert len(finding.evidence) == 6


def test_all_rounds_but_the_first_would_be_saved():
    (finding,) = found("RF103", LOOP)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 16 * MS


def test_rounds_in_other_words_are_less_sure():
    reworded = LOOP.replace("q=visa) -> page 7               ", "q=visa rules) -> page 7         ")
    (finding,) = found("RF103", reworded)
    assert "in other words" in finding.message
    assert finding.confidence < found("RF103", LOOP)[0].confidence


def test_a_tool_that_looks_may_have_the_word_of_one_that_runs_things_in_its_name():
    picture = """
        agent:planner                                 ########################
          tool:terminal.find(q=gates) -> page 7         ##
          tool:fetch(id=7) -> see embassy                 ##
          tool:terminal.find(q=all gates) -> page 7         ##
          tool:fetch(id=7) -> see embassy                     ##
          tool:terminal.find(q=the gates) -> page 7             ##
          tool:fetch(id=7) -> see embassy                         ##
    """
    assert len(found("RF103", picture)) == 1


def test_rounds_of_three_tools_are_found():
    picture = """
        agent:planner                 ########################
          tool:a(x=1) -> one          ##
          tool:b(x=1) -> two            ##
          tool:c(x=1) -> three            ##
          tool:a(x=1) -> one                ##
          tool:b(x=1) -> two                  ##
          tool:c(x=1) -> three                  ##
          tool:a(x=1) -> one                      ##
          tool:b(x=1) -> two                        ##
          tool:c(x=1) -> three                        ##
    """
    assert len(found("RF103", picture)) == 1


def test_the_same_failures_round_after_round_are_no_news():
    picture = """
        agent:planner             ##############
          tool:open_map(x=1)      !!                error="no display"
          tool:find(x=1)            !!              error="no index"
          tool:open_map(x=1)          !!            error="no display"
          tool:find(x=1)                !!          error="no index"
          tool:open_map(x=1)              !!        error="no display"
          tool:find(x=1)                    !!      error="no index"
    """
    assert len(found("RF103", picture)) == 1


SILENT = {
    "each thing looked at in the same way, and all of them fine": """
        agent:planner                                  ########################
          tool:open_link(url=https://a.org) -> reached   ##
          tool:open_cert(host=a.org) -> valid to 2031      ##
          tool:open_link(url=https://b.org) -> reached       ##
          tool:open_cert(host=b.org) -> valid to 2031          ##
          tool:open_link(url=https://c.org) -> reached           ##
          tool:open_cert(host=c.org) -> valid to 2031              ##
    """,
    "another attempt in each round": """
        agent:coder                                        ########################
          tool:edit_file(text=one) -> the file was edited    ##
          tool:run_tests(all=1) -> 1 failed                    ##
          tool:edit_file(text=two) -> the file was edited        ##
          tool:run_tests(all=1) -> 1 failed                        ##
          tool:edit_file(text=six) -> the file was edited            ##
          tool:run_tests(all=1) -> 1 failed                            ##
    """,
    "two rounds": """
        agent:planner                     ################
          tool:search(q=a) -> page 7      ##
          tool:fetch(id=7) -> see embassy   ##
          tool:search(q=a) -> page 7          ##
          tool:fetch(id=7) -> see embassy       ##
    """,
    "one tool alone": """
        agent:planner                     ################
          tool:search(q=a) -> page 7      ##
          tool:search(q=a) -> page 7        ##
          tool:search(q=a) -> page 7          ##
          tool:search(q=a) -> page 7            ##
          tool:search(q=a) -> page 7              ##
          tool:search(q=a) -> page 7                ##
    """,
    "pages": """
        agent:planner                     ################
          tool:list(page=1) -> a          ##
          tool:fetch(id=a) -> text of a     ##
          tool:list(page=2) -> b              ##
          tool:fetch(id=b) -> text of b         ##
          tool:list(page=3) -> c                  ##
          tool:fetch(id=c) -> text of c             ##
    """,
    "edits until the tests pass": """
        agent:coder                         ################
          tool:edit_file(line=1) -> line 1  ##
          tool:run_tests(all=1) -> 3 failed   ##
          tool:edit_file(line=2) -> line 2      ##
          tool:run_tests(all=1) -> 3 failed       ##
          tool:edit_file(line=3) -> line 3          ##
          tool:run_tests(all=1) -> 3 failed           ##
    """,
    "waiting for something": """
        agent:planner                        ################
          tool:get_job(id=1) -> running      ##
          tool:sleep(s=1) -> slept             ##
          tool:get_job(id=1) -> running          ##
          tool:sleep(s=1) -> slept                 ##
          tool:get_job(id=1) -> running              ##
          tool:sleep(s=1) -> slept                     ##
    """,
    "keys that are pressed": """
        agent:planner                  ################
          tool:press(key=down) -> ok   ##
          tool:press_enter(x=1) -> ok    ##
          tool:press(key=down) -> ok       ##
          tool:press_enter(x=1) -> ok        ##
          tool:press(key=down) -> ok           ##
          tool:press_enter(x=1) -> ok            ##
    """,
    "three agents that do the same": """
        flow:trip                               ####################
          agent:one                             ####
            tool:search(q=visa) -> page 7       ##
            tool:fetch(id=7) -> see embassy       ##
          agent:two                                 ####
            tool:search(q=visa) -> page 7           ##
            tool:fetch(id=7) -> see embassy           ##
          agent:three                                   ####
            tool:search(q=visa) -> page 7               ##
            tool:fetch(id=7) -> see embassy               ##
    """,
    "results that were not recorded": """
        agent:planner            ################
          tool:search(q=visa)    ##
          tool:fetch(id=7)         ##
          tool:search(q=visa)        ##
          tool:fetch(id=7)             ##
          tool:search(q=visa)            ##
          tool:fetch(id=7)                 ##
    """,
    "accounts of the same calls": """
        agent:planner                     ################
          tool:search(q=a) -> page 7      ##                  call=1
          tool:fetch(id=7) -> see embassy   ##                call=2
          tool:search(q=a) -> page 7          ##              call=1
          tool:fetch(id=7) -> see embassy       ##            call=2
          tool:search(q=a) -> page 7              ##          call=1
          tool:fetch(id=7) -> see embassy           ##        call=2
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF103", picture) == []
