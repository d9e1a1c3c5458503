"""Dollars as programs and as people read them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.render.dollars import exact_dollars, told_dollars


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        ("0", "$0.00"),
        ("1204.5", "$1,204.50"),
        ("0.01", "$0.01"),
        ("0.0031", "$0.0031"),
        ("0.000000123", "$0.00000012"),
    ],
)
def test_people_read_two_digits_that_count(cost: str, told: str):
    assert told_dollars(Decimal(cost)) == told


@given(st.decimals(min_value=0, max_value=10**6, places=12))
def test_programs_read_every_digit(cost: Decimal):
    assert Decimal(exact_dollars(cost) or "") == cost


def test_no_digits_are_added():
    assert (exact_dollars(Decimal("0.010500")), exact_dollars(Decimal(100)), exact_dollars(None)) == (
        "0.0105",
        "100",
        None,
    )
