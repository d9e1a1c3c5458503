"""What the claims of rules are worth."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.calibration import MEASURED, calibrated
from reev_flow.analysis.rules.rulebook import RULES

TWO_LEVELS = {"RF101": ((0.6, 0.8), (0.8, 0.9))}
CODES = st.sampled_from(sorted(MEASURED))
CLAIMS = st.floats(min_value=0, max_value=1)


def test_a_claim_that_was_measured_is_worth_what_held():
    assert calibrated("RF101", 0.6, TWO_LEVELS) == 0.8


def test_a_claim_between_two_is_worth_what_lies_between_them():
    assert calibrated("RF101", 0.7, TWO_LEVELS) == 0.85


def test_a_weaker_claim_than_any_measured_is_worth_as_much_less():
    assert calibrated("RF101", 0.5, TWO_LEVELS) == pytest.approx(0.7)


def test_a_stronger_claim_than_any_measured_is_worth_no_more_than_the_strongest():
    assert calibrated("RF101", 0.95, TWO_LEVELS) == 0.9


def test_a_claim_of_a_rule_that_was_not_measured_is_taken_as_it_is():
    assert calibrated("XX001", 0.77, TWO_LEVELS) == 0.77


def test_only_rules_that_there_are_were_measured():
    assert MEASURED.keys() <= {rule.code for rule in RULES}


@pytest.mark.parametrize("code", sorted(MEASURED))
def test_stronger_evidence_is_never_worth_less(code: str):
    assert all(low[0] < high[0] and low[1] <= high[1] for low, high in pairwise(MEASURED[code]))


@given(CODES, CLAIMS, CLAIMS)
def test_the_order_of_claims_stays(code: str, one: float, other: float):
    low, high = sorted((one, other))
    assert calibrated(code, low) <= calibrated(code, high)


@given(CODES, CLAIMS)
def test_nothing_is_surer_than_runs_that_are_made_up_can_show(code: str, claimed: float):
    assert 0 <= calibrated(code, claimed) <= 0.95
