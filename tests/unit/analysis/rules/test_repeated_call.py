"""RF101: the same tool, asked the same, gave the same answer again."""

import pytest

from reev_flow.trace.span import ToolUse
from support.draw import MS, draw
from support.findings import found
from support.redraw import redraw_each

REPEATED = """
    agent:planner                      ####################
      llm:gpt                          ##
      tool:search(q=flights) -> TP1277   ####
      llm:gpt                                ##
      tool:search(q=flights) -> TP1277         ####
      llm:gpt                                      ##
      tool:search(q=flights) -> TP1277               ####
"""


def test_a_question_asked_again_is_found_with_all_its_calls():
    (finding,) = found("RF101", REPEATED)
    assert finding.message == "search was called 3 times with the same arguments and gave the same result each time"
    assert len(finding.evidence) == 3


def test_what_the_repeats_would_have_saved_is_their_part_of_the_critical_path():
    (finding,) = found("RF101", REPEATED)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 8 * MS


def test_one_repeat_is_less_sure_than_more():
    once = """
        agent:planner                       ############
          tool:search(q=flights) -> TP1277  ####
          llm:gpt                               ##
          tool:search(q=flights) -> TP1277        ####
    """
    assert (found("RF101", once)[0].confidence, found("RF101", REPEATED)[0].confidence) == (0.7, 0.9)


def test_a_flow_without_models_can_repeat_itself_too():
    picture = """
        flow:report                    ############
          tool:load(path=a) -> prices  ####
          tool:load(path=a) -> prices       ####
    """
    assert len(found("RF101", picture)) == 1


def test_a_repeat_by_another_agent_later_on_is_less_sure():
    picture = """
        flow:trip                              ################
          agent:flights                        ######
            llm:gpt                            ##
            tool:search(q=flights) -> TP1277     ####
          agent:checker                              ##########
            llm:gpt                                  ##
            tool:search(q=flights) -> TP1277           ####
    """
    (finding,) = found("RF101", picture)
    assert finding.confidence < 0.6


def test_reading_something_else_in_between_is_no_excuse():
    picture = """
        agent:planner                       ################
          tool:search(q=flights) -> TP1277  ####
          llm:gpt                               ##
          tool:get_weather(day=1) -> sunny        ####
          llm:gpt                                     ##
          tool:search(q=flights) -> TP1277              ####
    """
    assert len(found("RF101", picture)) == 1


MEASURED = """
    agent:planner(turn the heating on until noon)   ################
      llm:gpt                                       ##
      tool:read_humidity(room=2) -> 41 %              ####
      llm:gpt                                             ##
      tool:read_humidity(room=2) -> 41 %                    ####
"""


def test_a_sensor_that_is_read_again_at_once_is_found():
    assert len(found("RF101", MEASURED)) == 1


def test_a_page_that_is_opened_again_is_found():
    assert len(found("RF101", REPEATED.replace("search(q=flights)", "open_page(at=faq)"))) == 1


SILENT = {
    "a sensor that is to be watched": MEASURED.replace(
        "turn the heating on until noon", "watch the humidity for me         "
    ),
    "a sensor that is to be read until something happens": MEASURED.replace(
        "heating on until noon", "fan on until it is dry"
    ),
    "a page that is read after another was opened": """
        agent:browser                          ####################
          tool:get_text(of=title) -> Welcome   ####
          llm:gpt                                  ##
          tool:open_page(at=news) -> it is here      ####
          llm:gpt                                        ##
          tool:get_text(of=title) -> Welcome               ####
    """,
    "pages of one list": """
        agent:planner                    ############
          tool:search(q=a, page=1) -> x  ####
          llm:gpt                            ##
          tool:search(q=a, page=2) -> x        ####
    """,
    "a list that goes on by itself": """
        agent:planner                    ############
          tool:fetch_more(q=a) -> row 1  ####
          llm:gpt                            ##
          tool:fetch_more(q=a) -> row 2        ####
    """,
    "polling that ends": """
        agent:planner                       ##################
          tool:job(id=7) -> pending         ####
          llm:gpt                               ##
          tool:job(id=7) -> pending               ####
          llm:gpt                                     ##
          tool:job(id=7) -> done                        ####
    """,
    "polling that never changes": """
        agent:planner                            ##################
          tool:job(id=7) -> state=in progress    ####
          llm:gpt                                    ##
          tool:job(id=7) -> state=in progress          ####
    """,
    "polling for news": """
        agent:planner                                ##################
          tool:mails(of=ann) -> There are no new mails.  ####
          llm:gpt                                            ##
          tool:mails(of=ann) -> There are no new mails.        ####
    """,
    "watching what changes by itself": """
        agent:planner                        ############
          tool:get_status(id=7) -> blue      ####
          llm:gpt                                ##
          tool:get_status(id=7) -> blue            ####
    """,
    "a fan-out over other questions": """
        agent:planner                           ######
          tool:get_weather(city=Faro) -> sunny  ####
          tool:get_weather(city=Lisbon) -> sunn y  ####
    """,
    "the same question side by side": """
        agent:planner                           ######
          tool:get_weather(city=Faro) -> sunny  ####
          tool:get_weather(city=Faro) -> sunny   ####
    """,
    "agents side by side that cannot know of each other": """
        flow:vote                              ############
          agent:one                            ############
            llm:gpt                            ##
            tool:search(q=flights) -> TP1277     ##
          agent:two                            ############
            llm:gpt                                ##
            tool:search(q=flights) -> TP1277         ##
    """,
    "several goes of one agent": """
        flow:evaluate                           ################
          agent:planner                         ######
            llm:gpt                             ##
            tool:search(q=flights) -> TP1277      ####
          agent:planner                               ##########
            llm:gpt                                   ##
            tool:search(q=flights) -> TP1277            ####
    """,
    "one retry that succeeds": """
        agent:planner                          ############
          tool:search(q=flights)               !!!!           error="503"
          llm:gpt                                  ##
          tool:search(q=flights) -> TP1277           ####
    """,
    "two tries that report the same error": """
        agent:planner                              ############
          tool:search(q=a) -> "Error: timed out"   ####
          llm:gpt                                      ##
          tool:search(q=a) -> "Error: timed out"         ####
    """,
    "an intended wait": """
        agent:planner                               ############
          tool:sleep(s=1) -> waited for one second  ####
          llm:gpt                                       ##
          tool:sleep(s=1) -> waited for one second        ####
    """,
    "an action done twice": """
        agent:browser                            ############
          tool:click(x=1) -> the page moved on   ####
          llm:gpt                                    ##
          tool:click(x=1) -> the page moved on         ####
    """,
    "results that only acknowledge": """
        agent:browser                ############
          tool:bump(x=1) -> OK.      ####
          llm:gpt                        ##
          tool:bump(x=1) -> OK.            ####
    """,
    "no results": """
        agent:browser             ############
          tool:find(x=1) -> []    ####
          llm:gpt                     ##
          tool:find(x=1) -> []          ####
    """,
    "a look after something was changed": """
        agent:coder                           ####################
          tool:run_tests(all=1) -> 2 failed   ####
          llm:gpt                                 ##
          tool:edit_file(path=a) -> changed         ####
          llm:gpt                                       ##
          tool:run_tests(all=1) -> 2 failed               ####
    """,
    "a look after something that may have changed it": """
        agent:coder                            ####################
          tool:list_files(dir=a) -> a.py b.py  ####
          llm:gpt                                  ##
          tool:bash(cmd=make) -> built it all        ####
          llm:gpt                                        ##
          tool:list_files(dir=a) -> a.py b.py              ####
    """,
    "a look after something that only acknowledged": """
        agent:coder                            ####################
          tool:list_files(dir=a) -> a.py b.py  ####
          llm:gpt                                  ##
          tool:tidy(dir=a) -> done                   ####
          llm:gpt                                        ##
          tool:list_files(dir=a) -> a.py b.py              ####
    """,
    "one call told by two spans": """
        agent:planner                          ############
          llm:gpt                              ##
          tool:search(q=flights) -> TP1277       |
          tool:search(q=flights) -> TP1277         |
    """,
    "two runs in one trace": """
        agent:planner                       ######
          llm:gpt                           ##
          tool:search(q=flights) -> TP1277    ####
        agent:planner                              ######
          llm:gpt                                  ##
          tool:search(q=flights) -> TP1277           ####
    """,
    "arguments that were not recorded": """
        agent:planner            ############
          tool:search -> TP1277  ####
          llm:gpt                    ##
          tool:search -> TP1277        ####
    """,
    "arguments that were taken out": """
        agent:planner                          ############
          tool:search(q=[REDACTED]) -> TP1277  ####
          llm:gpt                                  ##
          tool:search(q=[REDACTED]) -> TP1277        ####
    """,
    "results that were taken out": """
        agent:planner                           ############
          tool:search(q=a) -> __REDACTED__      ####
          llm:gpt                                   ##
          tool:search(q=a) -> __REDACTED__            ####
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF101", picture) == []


POLLED = """
    agent:planner                         #####################
      llm:gpt                             ##
      tool:current_price(of=oil) -> 71.2    ##
      llm:gpt                                 ##
      tool:current_price(of=oil) -> 71.2                ##
      llm:gpt                                             ##
"""


def test_it_is_silent_about_goes_with_pauses_between_them():
    assert found("RF101", POLLED, ms_per_column=1_000) == []


def test_a_pause_that_nobody_would_notice_is_no_poll():
    assert len(found("RF101", POLLED)) == 1


def test_a_pause_after_much_work_is_no_poll():
    worked = POLLED.replace(
        "##\n      tool:current_price(of=oil) -> 71.2                ##",
        "#######\n      tool:current_price(of=oil) -> 71.2                ##",
    )
    assert len(found("RF101", worked, ms_per_column=1_000)) == 1


def test_it_is_silent_about_several_accounts_of_one_call_id():
    picture = """
        agent:planner                          ############
          tool:search(q=flights) -> TP1277     ##
          llm:gpt                                ##
          tool:search(q=flights) -> TP1277         ##
    """
    trace = redraw_each(draw(picture), "search", lambda _: {"tool": ToolUse(name="search", call_id="c1")})
    assert found("RF101", trace) == []
