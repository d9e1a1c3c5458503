"""Books of the outside world."""

from decimal import Decimal

from reev_flow.chaos.ledger import Happening, StubLedger, ToldLedger, as_json


def test_what_was_added_is_read_again_in_order(tmp_path):
    ledger = StubLedger(tmp_path)
    assert ledger.read() == []
    happenings = [Happening("pay", "key-1", {"euros": 7}), Happening("ship")]
    for one in happenings:
        ledger.add(one)
    assert StubLedger(tmp_path).read() == happenings


def test_a_line_that_was_cut_off_did_not_happen(tmp_path):
    ledger = StubLedger(tmp_path)
    ledger.add(Happening("pay"))
    with (tmp_path / "effects.jsonl").open("ab") as file:
        file.write(b'{"what":"shi')
    assert ledger.read() == [Happening("pay")]


def test_what_has_a_key_is_known_by_it():
    assert Happening("pay 7", "key-1").identity == "key-1"
    assert Happening("pay 7").identity == "pay 7"


def test_the_users_own_ledger_is_asked_each_time():
    told: list[tuple[str, str, object]] = [("pay", "key-1", Decimal("1.5"))]
    ledger = ToldLedger(lambda: told)
    told.append(("ship", "", None))
    assert ledger.read() == [Happening("pay", "key-1", "1.5"), Happening("ship")]


def test_values_of_which_no_json_can_be_made_are_not_told():
    assert as_json({1: (2, 3)}) == {"1": [2, 3]}
    assert as_json(object()) is None
