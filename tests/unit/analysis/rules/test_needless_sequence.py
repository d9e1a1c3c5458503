"""RF105: steps that do not need each other were run one after the other."""

import pytest

from reev_flow.trace.semantics import REEV_AFTER, REEV_STEP_EFFECT
from support.draw import MS, draw
from support.findings import found
from support.redraw import redraw

ONE_TURN = """
    agent:planner                             ######################
      llm:gpt                                 ##                      asks=search_flights,search_hotels
      tool:search_flights(to=Porto) -> TP1277   ########
      tool:search_hotels(in=Porto) -> Aurora            ######
      llm:gpt                                                 ####
"""

IN_CODE = """
    flow:report(name=Ada)                  ####################
      tool:load_orders(name=Ada) -> 3        ########
      tool:load_letters(name=Ada) -> Dear            ########
"""


def test_calls_of_one_turn_are_found_by_both_their_spans():
    (finding,) = found("RF105", ONE_TURN, ms_per_column=100)
    assert finding.message == (
        "search_flights and search_hotels ran one after the other though none needs what another told; "
        "side by side they would take 600 ms less"
    )
    assert len(finding.evidence) == 2


def test_the_shorter_one_is_what_could_be_saved():
    (finding,) = found("RF105", ONE_TURN, ms_per_column=100)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 600 * MS


def test_of_several_all_but_the_longest_could_be_saved():
    picture = """
        flow:report(name=Ada)                   ##########################
          tool:load_orders(name=Ada) -> 3         ########
          tool:load_letters(name=Ada) -> Dear             ######
          tool:load_address(name=Ada) -> Porto                  ########
    """
    (finding,) = found("RF105", picture, ms_per_column=100)
    assert finding.saving is not None
    assert finding.saving.duration_ns == 1_400 * MS


def test_what_one_turn_asked_for_is_surer_than_what_code_did():
    sure = [found("RF105", picture, ms_per_column=100)[0].confidence for picture in (ONE_TURN, IN_CODE)]
    assert sure == [0.9, 0.75]


def test_arguments_that_come_from_nowhere_are_less_sure():
    (finding,) = found("RF105", IN_CODE.replace("flow:report(name=Ada)", "flow:report          "), ms_per_column=100)
    assert finding.confidence == 0.75  # the first call was given the name too
    other = IN_CODE.replace("letters(name=Ada)", "letters(of=Bob)  ")
    assert found("RF105", other, ms_per_column=100)[0].confidence == 0.65


def first_named(name: str) -> str:
    call = "load_orders(name=Ada) -> 3        "
    return IN_CODE.replace(call, f"{name}(name=Ada) -> 3".ljust(len(call)))


@pytest.mark.parametrize("name", ["find_policy", "lookup-commit", "list_builds", "describeMerge"])
def test_a_thing_that_is_only_looked_up_needs_no_order(name: str):
    assert len(found("RF105", first_named(name), ms_per_column=100)) == 1


@pytest.mark.parametrize(
    "name", ["get_token", "find_session", "get_moderation", "check_policy", "validate_orders", "fetch_bundle"]
)
def test_the_order_of_what_lets_in_or_prepares_may_be_meant(name: str):
    assert found("RF105", first_named(name), ms_per_column=100) == []


FIRST_ROW = """
    flow:report(name=Ada)                  ########################################
      tool:load_orders(name=Ada) -> 3      #
      tool:load_letters(name=Ada) -> Dear   #
"""
SECOND_ROW = """
      agent:thinker                          ####################################
      tool:load_mail(name=Ada) -> none                                           #
      tool:load_photo(name=Ada) -> seen                                           #
"""


def test_rows_that_are_worth_little_alone_are_found_together():
    assert found("RF105", FIRST_ROW, ms_per_column=1_000) == []
    assert len(found("RF105", FIRST_ROW + SECOND_ROW.lstrip("\n"), ms_per_column=1_000)) == 2


def test_steps_of_a_flow_are_pieces_too():
    picture = """
        flow:report                          ####################
          step:sales(region=north) -> up       ########
          step:costs(region=north) -> down             ########
    """
    assert len(found("RF105", picture, ms_per_column=100)) == 1


AROUND_A_MODEL = """
    flow:report(name=Ada)                  ##############################
      tool:load_orders(name=Ada) -> 3        ########
      step:tell                                      ##########
        llm:gpt                                      ##########               answer="The customer bought three books in May, and then some flowers in June."
      tool:load_mail(name=Ada) -> Dear                         ########
"""


def test_a_model_of_a_flow_that_decided_nothing_is_no_reason_to_wait():
    (finding,) = found("RF105", AROUND_A_MODEL, ms_per_column=100)
    assert finding.message.startswith("load_orders and load_mail ran one after the other")
    assert finding.confidence == 0.6


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("flow:report", "agent:repor"),
        ('answer="', 'asks=load_mail answer="'),
        ("bought three books in May, and then some flowers in June.", "matters."),
        ("flowers in June", "mail in June"),
        ("mail(name=Ada)", "mail(name=Bob)"),
        ("mail(name=Ada) ", "mail(name=June)"),
        ('answer="The customer bought', 'answers="The customer bought'),
    ],
    ids=[
        "an agent",
        "what it asked for",
        "a short answer",
        "an answer that names the next",
        "an argument from elsewhere",
        "an argument that it may have told",
        "an answer that is not recorded",
    ],
)
def test_a_model_in_between_may_have_decided(said: str, instead: str):
    picture = AROUND_A_MODEL.replace(said, instead)
    assert picture != AROUND_A_MODEL
    assert found("RF105", picture, ms_per_column=100) == []


def test_a_name_that_was_known_before_may_be_in_what_the_model_wrote():
    picture = AROUND_A_MODEL.replace("The customer", "Our friend Ada")
    assert len(found("RF105", picture, ms_per_column=100)) == 1


def test_a_value_that_the_first_was_given_is_no_news_from_it():
    picture = """
        flow:report                              ####################
          tool:load_orders(name=Ada) -> Ada, 3     ########
          tool:load_letters(name=Ada) -> Dear              ########
    """
    assert len(found("RF105", picture, ms_per_column=100)) == 1


SILENT = {
    "a short value that was handed on": """
        flow:report(day=2)                                ####################
          tool:load_orders(day=2) -> {"file": "f2"}         ########
          tool:load_letters({"files": ["f1", "f2"]}) -> Dear        ########
    """,
    "a log-in": """
        flow:report(name=Ada)                  ####################
          tool:login(name=Ada) -> welcome        ########
          tool:load_letters(name=Ada) -> Dear            ########
    """,
    "a check of what is let in": """
        flow:report(name=Ada)                  ####################
          tool:guardrail(name=Ada) -> safe       ########
          tool:load_letters(name=Ada) -> Dear            ########
    """,
    "steps around a tool that waits": """
        flow:report(name=Ada)                  ####################
          step:load_orders(name=Ada) -> 3        ######
          tool:sleep(s=1) -> slept                     ##
          step:load_letters(name=Ada) -> Dear            ########
    """,
    "a long time in between": """
        flow:report(name=Ada)                  ##############################
          tool:load_orders(name=Ada) -> 3        ######
          tool:load_letters(name=Ada) -> Dear                        ########
    """,
    "a value handed on": """
        flow:report                               ####################
          tool:find_customer(name=Ada) -> C-4711    ########
          tool:load_orders(customer=C-4711) -> 3            ########
    """,
    "a number handed on": """
        flow:report                               ####################
          tool:measure(city=Porto) -> 4711          ########
          tool:convert(amount=4711) -> 12                   ########
    """,
    "a value within a sentence handed on": """
        flow:report                                              ####################
          tool:find_hotel(city=Porto) -> try the Aurora there      ########
          tool:search(q=what do guests say of Aurora) -> good              ########
    """,
    "a value handed on by a short call in between": """
        flow:report                               ####################
          tool:find_customer(name=Ada) -> C-4711    ########
          tool:translate(id=C-4711) -> K-12                 #
          tool:load_orders(customer=K-12) -> 3               ########
    """,
    "a value handed on by the step around": """
        flow:report                                  ####################
          step:first -> K-12                           ########
            tool:find_customer(name=Ada) -> found      ########
          step:second                                          ########
            tool:load_orders(customer=K-12) -> 3               ########
    """,
    "calls in two turns": """
        agent:planner                             ######################
          llm:gpt                                 ##                      asks=search_flights
          tool:search_flights(to=Porto) -> TP1277   ########
          llm:gpt                                           ##            asks=search_hotels
          tool:search_hotels(in=Porto) -> Aurora              ########
    """,
    "calls side by side": """
        agent:planner                             ##############
          llm:gpt                                 ##              asks=search_flights,search_hotels
          tool:search_flights(to=Porto) -> TP1277   ########
          tool:search_hotels(in=Porto) -> Aurora    ######
    """,
    "actions, whose order may be meant": """
        agent:planner                       ######################
          llm:gpt                           ##                      asks=book_flight,send_email
          tool:book_flight(to=Porto) -> ok    ########
          tool:send_email(to=Ada) -> ok               ######
    """,
    "a wait": """
        flow:report                          ####################
          tool:load_orders(name=Ada) -> 3      ########
          tool:sleep(name=Ada) -> ok                   ########
    """,
    "a service that limits the rate": """
        agent:planner                             ##############################
          llm:gpt                                 ##                              asks=search,search
          tool:search(q=flights) -> TP1277          ########
          tool:search(q=hotels) -> Aurora                   ########
          tool:search(q=trains)                                     !!            error="429 too many requests"
    """,
    "results that were not recorded": """
        flow:report                     ####################
          tool:load_orders(name=Ada)      ########
          tool:load_letters(name=Ada)             ########
    """,
    "calls without arguments": """
        flow:report                    ####################
          tool:load_orders -> 3          ########
          tool:load_letters -> Dear              ########
    """,
    "calls of two agents": """
        flow:trip                                     ####################
          agent:flights                                 ########
            tool:search_flights(to=Porto) -> TP1277     ########
          agent:hotels                                          ########
            tool:search_hotels(to=Porto) -> Aurora              ########
    """,
    "a call that failed": """
        flow:report                            ####################
          tool:load_orders(name=Ada)             !!!!!!!!             error="boom"
          tool:load_letters(name=Ada) -> Dear            ########
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF105", picture, ms_per_column=100) == []


def test_it_is_silent_about_calls_that_are_over_at_once():
    assert found("RF105", ONE_TURN, ms_per_column=10) == []


def test_it_is_silent_about_steps_with_an_effect():
    trace = redraw(draw(IN_CODE, ms_per_column=100), "load_letters", attributes={REEV_STEP_EFFECT: "ask"})
    assert found("RF105", trace) == []


def test_it_is_silent_where_nothing_had_to_be_waited_for():
    trace = redraw(draw(IN_CODE, ms_per_column=100), "load_letters", attributes={REEV_AFTER: []})
    assert found("RF105", trace) == []
