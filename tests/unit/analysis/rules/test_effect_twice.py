"""RF401: something was done in the world twice."""

import pytest

from reev_flow.analysis.meaning.effect_names import may_double
from support.draw import draw
from support.findings import found
from support.redraw import redraw_each

TWICE = """
    agent:planner                                        ##############
      llm:gpt                                            ##
      tool:send_invoice(to=ann, sum=80) -> sent, no. 18    ###
      llm:gpt                                                 ####
      tool:send_invoice(to=ann, sum=80) -> sent, no. 19           ####
"""
UNHEARD = """
    agent:planner                               ##############
      tool:pay_bill(id=7)                       !!!!!           error="timed out after 30 s"
      llm:gpt                                        ##
      tool:pay_bill(id=7) -> paid                      ###
"""
STEPS = """
    flow:trip                                    ##############
      step:charge_card(sum=80)                   !!!            step=trip/charge#1 attempt=1 effect=ask outcome=failed error="TimeoutError: no answer"
      step:charge_card(sum=80) -> done              ###         step=trip/charge#1 attempt=2 effect=ask outcome=finished
"""


def test_what_was_sent_again_is_found_with_both_calls():
    (finding,) = found("RF401", TWICE)
    assert finding.message == "send_invoice was executed 2 times with the same arguments, and went well each time"
    assert len(finding.evidence) == 2


def test_two_things_that_came_of_it_are_surer_than_two_acknowledgements():
    acknowledged = """
        agent:planner                                ##############
          tool:send_invoice(to=ann, sum=80) -> sent  ###
          tool:send_invoice(to=ann, sum=80) -> sent       ####
    """
    assert found("RF401", TWICE)[0].confidence > found("RF401", acknowledged)[0].confidence


def test_after_a_timeout_the_first_may_have_taken_effect():
    (finding,) = found("RF401", UNHEARD)
    assert "may have taken effect" in finding.message
    assert finding.confidence < 0.6


def test_attempts_at_a_step_count_too():
    (finding,) = found("RF401", STEPS)
    assert finding.evidence == ("0000000000000002", "0000000000000003")


def test_two_steps_of_a_session_are_not_told_to_become_steps():
    picture = """
        flow:trip                              ##############
          step:charge_card(sum=80) -> no. 18   ###            step=trip/charge#1 attempt=1 effect=ask outcome=finished
          step:charge_card(sum=80) -> no. 19      ###         step=trip/charge#2 attempt=1 effect=ask outcome=finished
    """
    (finding,) = found("RF401", picture)
    assert finding.advice.startswith("let the first of the two steps hand on what came of it")


def test_two_calls_that_the_model_asked_for_side_by_side_were_both_executed():
    picture = """
        agent:planner                         ##########
          tool:send_email(to=ann) -> sent     ###         call=c1
          tool:send_email(to=ann) -> sent     ####        call=c2
    """
    assert len(found("RF401", picture)) == 1


SILENT = {
    "another amount": TWICE.replace("sum=80) -> sent, no. 19", "sum=90) -> sent, no. 19"),
    "a key of one request": TWICE.replace("sum=80", "sum=80, idempotency_key=k1"),
    "the service says that it was done before": TWICE.replace("sent, no. 19", "already sent "),
    "both tell of one and the same": TWICE.replace("no. 19", "no. 18").replace("no. 18", "no. INV-18"),
    "the first was turned down": TWICE.replace("sent, no. 18", "declined    "),
    "reading": TWICE.replace("send_invoice", "read_invoice"),
    "setting": TWICE.replace("send_invoice", "set_invoice"),
    "a click": TWICE.replace("send_invoice", "click_invoice"),
    "a hand-over": TWICE.replace("send_invoice", "transfer_to_agent"),
    "details of an order": TWICE.replace("send_invoice", "order_details"),
    "an error before it, that says why": UNHEARD.replace("timed out after 30 s", "400 bad request"),
    "nobody was reached the first time": UNHEARD.replace("timed out after 30 s", "connection timed out"),
    "the second timed out too": UNHEARD.replace(
        "pay_bill(id=7) -> paid                      ###", "pay_bill(id=7)                              !!!"
    ),
    "its author said it may run again": STEPS.replace("effect=ask", "effect=rerun"),
    "found out not to have happened": STEPS.replace(
        'outcome=failed error="TimeoutError: no answer"', 'outcome=interrupted settled="not happened"'
    ),
    "undone in between": """
        agent:planner                                   ##############
          tool:book_room(day=3) -> booked, A17          ###
          tool:cancel_booking(id=A17) -> cancelled         ###
          tool:book_room(day=3) -> booked, A18                ###
    """,
    "undone by the name of what was given": """
        agent:planner                                   ##############
          tool:book_room(who=Ann) -> booked, A-17       ###
          tool:cancel_stay(guest=Ann) -> cancelled         ###
          tool:book_room(who=Ann) -> booked, A-18             ###
    """,
    "perhaps undone, by who knows what name": """
        agent:planner                                   ##############
          tool:book_room(day=3) -> booked               ###
          tool:cancel_stay(id=7) -> cancelled              ###
          tool:book_room(day=3) -> booked, A-18               ###
    """,
    "paid back in the name of another thing": """
        agent:planner                                   ##############
          tool:charge_card(sum=80) -> charged, c-17     ###
          tool:refund_order(id=o-9) -> given back          ###
          tool:charge_card(sum=80) -> charged, c-18           ###
    """,
    "two goes of one agent": """
        flow:trials                                  ##############
          agent:shopper                              ####
            tool:buy(item=book) -> bought, no. 1001  ###
          agent:shopper                                   ####
            tool:buy(item=book) -> bought, no. 1002       ###
    """,
    "two runs in one trace": """
        agent:first                               ####
          tool:buy(item=book) -> bought           ###
        agent:second                                   ####
          tool:buy(item=book) -> bought                ###
    """,
    "two accounts of one call": """
        agent:planner                         ##########
          tool:send_email(to=ann) -> sent     ###         call=c1
          tool:send_email(to=ann) -> sent          ###    call=c1
    """,
    "nothing was recorded": """
        agent:planner                         ##########
          tool:send_email                     ###
          tool:send_email                          ###
    """,
    "what was asked was masked": TWICE.replace("to=ann, sum=80", "to=[REDACTED]"),
    "the person was asked first": TWICE.replace("sent, no. 18", "needs approval"),
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_about(picture: str):
    assert found("RF401", picture) == []


IN_BETWEEN = """
    agent:planner                                   ##############
      tool:book_room(day=3) -> booked, A-17         ###
      tool:cancel_flight(id=TP4) -> cancelled          ###
      tool:book_room(day=3) -> booked, A-18               ###
"""


@pytest.mark.parametrize(
    "instead",
    ["cancel_flight(id=TP4) -> cancelled", "release.search(q=TP4) -> nothing  ", "cancel_booking(id=A-17)           !"],
    ids=["another thing is undone", "a search among releases", "undoing it went wrong"],
)
def test_what_undid_nothing_of_it_is_no_reason_to_do_it_again(instead: str):
    picture = IN_BETWEEN.replace("cancel_flight(id=TP4) -> cancelled", instead)
    if instead.endswith("!"):
        picture = picture.replace("!          ###", "           !!!")
    assert len(found("RF401", picture)) == 1


def test_a_record_that_names_one_order_twice_tells_of_one_order():
    trace = redraw_each(draw(TWICE), "send_invoice", lambda _: {"output": {"order_id": "A-1", "status": "sent"}})
    assert found("RF401", trace) == []


@pytest.mark.parametrize(
    "name",
    [
        "send_email",
        "gmail.send",
        "slack_send_message",
        "stripe_create_refund",
        "createTicket",
        "book_flight",
        "add_to_cart",
        "calendar.book",
        "mcp__shop__order",
        "quote.submit",
        "send_report",
        "publishListing",
    ],
)
def test_such_a_tool_does_something_again(name: str):
    assert may_double(name)


@pytest.mark.parametrize(
    "name",
    [
        "get_order",
        "order_status",
        "order_quote",
        "submit_report",
        "send_preview",
        "search_send_report",
        "book_search",
        "create_plan",
        "transfer_to_agent",
        "submit_answer",
        "update_row",
        "delete_file",
        "message_count",
        "",
    ],
)
def test_such_a_tool_does_not(name: str):
    assert not may_double(name)
