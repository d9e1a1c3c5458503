"""RF104: many things were fetched one after the other that one call could have fetched together."""

import pytest

from support.draw import MS
from support.findings import found


def series(*calls: str, beside: bool = False, turns: bool = False) -> str:
    """A run of calls, one after the other."""
    lines = ["agent:planner".ljust(130) + "#" * (4 * len(calls))]
    for number, call in enumerate(calls):
        start = 0 if beside else 4 * number
        lines.append(f"  tool:{call}".ljust(130) + " " * start + "###")
        if turns:
            lines.append("  llm:gpt".ljust(130) + " " * (start + 3) + "#")
    return "\n".join(lines)


ORDERS = [f"get_order(id=A-{number}) -> order of somebody" for number in (17, 18, 23, 44, 51)]


@pytest.mark.parametrize("turns", [False, True], ids=["by a program", "from a turn each"])
def test_calls_that_differ_in_an_id_are_found(turns: bool):  # noqa: FBT001
    (finding,) = found("RF104", series(*ORDERS, turns=turns))
    assert finding.message == "get_order was called 5 times one after the other, each time for another id"
    assert len(finding.evidence) == 5


def test_all_calls_but_the_first_would_be_saved_at_most():
    (finding,) = found("RF104", series(*ORDERS))
    assert finding.saving is not None
    assert finding.saving.duration_ns == 12 * MS


def test_other_arguments_may_be_the_same_in_each():
    calls = [call.replace(")", ", locale=en)") for call in ORDERS]
    assert len(found("RF104", series(*calls))) == 1


def test_ids_that_are_numbers_need_a_name_that_says_so():
    numbered = [f"get_order(order_id={number}) -> order" for number in (7, 12, 40, 41, 90)]
    other = [call.replace("order_id", "width") for call in numbered]
    assert (len(found("RF104", series(*numbered))), len(found("RF104", series(*other)))) == (1, 0)


CALLED = [
    f'call_tool({{"name": "get_order", "arguments": {{"id": "A-{number}"}}}}) -> {{"of": "ann {number}", "sum": {number}}}'
    for number in (17, 18, 23, 44, 51)
]


def test_a_tool_that_passes_calls_on_is_judged_by_what_it_is_to_call():
    (finding,) = found("RF104", series(*CALLED))
    assert finding.message == "get_order was called 5 times one after the other, each time for another id"


@pytest.mark.parametrize("name", ["run", "execute", "call_tool"])
def test_a_name_that_says_nothing_is_judged_by_arguments_and_results(name: str):
    assert (
        len(found("RF104", series(*(f"{name}(order_id=A-{number}) -> ann owes {number}" for number in range(6))))) == 1
    )


def test_parts_that_have_ids_are_found():
    assert len(found("RF104", series(*(call.replace("(id", "(section_id") for call in ORDERS)))) == 1


SILENT = {
    "parts that have numbers": series(*(call.replace("(id", "(section") for call in ORDERS)),
    "ids that a list goes on from": series(*(call.replace("(id", "(after_id") for call in ORDERS)),
    "a tool that passes actions on": series(*(call.replace("get_order", "cancel_order") for call in CALLED)),
    "a tool that passes programs on": series(*(call.replace("get_order", "bash") for call in CALLED)),
    "a tool that passes different calls on": series(
        *(
            call.replace("get_order", f"get_{thing}")
            for call, thing in zip(CALLED, ("cat", "dog", "cow", "ox", "hen"), strict=True)
        )
    ),
    "a name that says nothing, and results that only acknowledge": series(
        *(f"execute(order_id=A-{number}) -> done" for number in range(6))
    ),
    "a name that says nothing, and the same result each time": series(
        *(f"execute(order_id=A-{number}) -> order filled" for number in range(6))
    ),
    "a name that says nothing, and no ids": series(*(f"run(seed=s{number}) -> {number} wins" for number in range(6))),
    "commands": series(*(f"run(command=build{number}) -> built {number}" for number in range(6))),
    "four calls": series(*ORDERS[:4]),
    "calls side by side": series(*ORDERS, beside=True),
    "pages": series(*(f"list_orders(page=p{number}) -> orders" for number in range(6))),
    "a cursor": series(*(f"list_orders(cursor=c{number}7) -> orders" for number in range(6))),
    "days": series(*(f"get_rates(on=2024-05-0{number}) -> rates" for number in range(1, 7))),
    "free text": series(*(f"search(q=cheap flights {number}) -> none" for number in range(6))),
    "addresses": series(*(f"fetch(url=https://a.org/{number}) -> page" for number in range(6))),
    "batches": series(*(f'get_orders({{"ids": ["A-{number}"]}}) -> orders' for number in range(6))),
    "a chain, in which each tells the next": series(
        *(f"get_node(id=N-{number}) -> next N-{number + 1}" for number in range(6))
    ),
    "a search that ends with the first hit": series(
        *(f"get_stock(id=S-{number}) -> none" for number in range(6)), "get_stock(id=S-9) -> 4 left"
    ),
    "trials, each of which says what to try next": series(
        *(f"test_revision(id=r{number}) -> bad {number}" for number in range(6))
    ),
    "actions": series(*(f"send_invoice(id=A-{number}) -> sent" for number in range(6))),
    "watching": series(*(f"get_status(id=A-{number}) -> fine" for number in range(6))),
    "two things that change": series(*(f"get_order(id=A-{number}, day=d{number}) -> x" for number in range(6))),
    "the same again": series(*(f"get_order(id=A-{number % 2}) -> order" for number in range(6))),
    "calls without arguments": series(*("get_order -> order" for _ in range(6))),
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF104", picture) == []


def test_it_is_silent_when_most_failed():
    picture = """
        agent:planner              ############
          tool:get_order(id=A-1)   !!              error=503
          tool:get_order(id=A-2)     !!            error=503
          tool:get_order(id=A-3)       !!          error=503
          tool:get_order(id=A-4)         !!        error=503
          tool:get_order(id=A-5)           ##
    """
    assert found("RF104", picture) == []


def test_the_only_argument_may_be_recorded_as_plain_text():
    picture = """
        agent:planner              ############
          tool:get_order(A-1)      ##
          tool:get_order(A-3)        ##
          tool:get_order(A-4)          ##
          tool:get_order(A-7)            ##
          tool:get_order(A-9)              ##
    """
    assert len(found("RF104", picture)) == 1


def test_a_number_is_the_name_of_what_the_tool_is_about():
    assert (
        len(found("RF104", series(*(f"get_order(order={number}) -> order {number}" for number in range(11, 17))))) == 1
    )


def test_it_is_silent_where_each_was_dealt_with_before_the_next_was_fetched():
    lines = [
        f"{name}(id=A-{number}) -> {name} {number}" for number in range(6) for name in ("get_ticket", "reply_ticket")
    ]
    assert found("RF104", series(*lines)) == []
