"""The tables below `[check]`: what is wrong in them is told by table, name and value."""

import datetime as dt

import pytest

from reev_flow.settings.check_readers import read_ignores, read_rule_wishes
from reev_flow.settings.readers import Unusable

MOMENT = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"code": "RF101"}, "(number 2 gives no reason)"),
        ({"code": "RF101", "reason": "  "}, "(number 2 gives no reason)"),
        ({"reason": "known"}, "(number 2 gives no code)"),
        ({"code": "RF101", "reason": "known", "toll": "x"}, "(number 2: 'toll' is not known)"),
        ({"code": "RF101", "reason": "known", "until": "soon"}, "(number 2: 'soon' is no day)"),
        (
            {"code": "RF101", "reason": "known", "until": MOMENT},
            "(number 2: until cannot be 2030-01-01 00:00:00+00:00)",
        ),
        ({"code": "RF101", "reason": 5}, "(number 2: reason cannot be 5)"),
        ("RF101", "(number 2 is no table)"),
    ],
)
def test_a_wrong_ignore_is_told_by_its_number_and_by_what_is_wrong(entry: object, said: str):
    with pytest.raises(Unusable) as refused:
        read_ignores([{"code": "RF101", "reason": "known"}, entry])
    assert str(refused.value).endswith(said)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"severity": "fatal"}, "(RF201: severity cannot be 'fatal')"),
        ({"enabled": "no"}, "(RF201: enabled cannot be 'no')"),
        ({"min_confidence": "0.9"}, "(RF201: min_confidence cannot be '0.9')"),
        ({"min_confidence": 2}, "(RF201: min_confidence cannot be 2)"),
        ({"min_confidence": float("nan")}, "(RF201: min_confidence cannot be nan)"),
        ({"code": "RF202"}, "(RF201: 'code' is not known)"),
        (False, "(RF201 is no table)"),
    ],
)
def test_a_wrong_wish_is_told_by_its_rule_and_by_what_is_wrong(wish: object, said: str):
    with pytest.raises(Unusable) as refused:
        read_rule_wishes({"RF201": wish})
    assert str(refused.value).endswith(said)
