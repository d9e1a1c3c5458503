"""What steps are called in the journal."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.errors import InvalidStep
from reev_flow.sessions.identity import StepName, branch_identity, idempotency_key, parse_identity, step_identity

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("%/#[]:"), max_size=8)
ORDINALS = st.integers(1, 10**6)
BRANCHES = st.lists(st.tuples(TEXTS, ORDINALS, TEXTS), max_size=3)


def identity_of(branches: list[tuple[str, int, str]], name: str, key: str | None, ordinal: int) -> str:
    branch = ""
    for inner, number, member in branches:
        branch = branch_identity(branch, inner, ordinal=number, member=member)
    return step_identity(branch, name, key=key, ordinal=ordinal)


def test_a_step_is_its_name_and_the_how_manieth_it_is():
    assert step_identity("", "pay", ordinal=2) == "pay#2"


def test_a_key_stands_for_the_ordinal():
    assert step_identity("", "pay", key="tx-7", ordinal=2) == "pay[tx-7]"


def test_branches_come_before_the_step():
    left = branch_identity("", "left")
    member = branch_identity(left, "gather", ordinal=3, member="0")
    assert step_identity(member, "pay") == "left#1/gather#3:0/pay#1"


def test_what_separates_parts_is_written_otherwise_inside_them():
    assert step_identity("", "a/b#1", key="[x]:50%") == "a%2Fb%231[%5Bx%5D%3A50%25]"


def test_names_of_any_script_stay_as_they_are():
    assert step_identity("", "zahle_Ü", key="支払い") == "zahle_Ü[支払い]"


@pytest.mark.parametrize(("name", "key"), [("\ud800", None), ("pay", "\udcff")])
def test_half_a_character_is_refused(name, key):
    with pytest.raises(InvalidStep, match="not Unicode text"):
        step_identity("", name, key=key)


@given(BRANCHES, TEXTS, st.none() | TEXTS, ORDINALS)
def test_the_parts_are_found_again(branches, name, key, ordinal):
    parsed = parse_identity(identity_of(branches, name, key, ordinal))
    assert (parsed.name, parsed.key) == (name, key)
    assert parsed.ordinal == (ordinal if key is None else None)
    assert len(parsed.branches) == len(branches)


CALLS = st.tuples(BRANCHES, TEXTS, st.none() | TEXTS, ORDINALS)


@given(CALLS, CALLS)
def test_two_calls_have_one_identity_only_if_they_are_the_same(one, other):
    counted = [(branches, name, key, ordinal if key is None else 0) for branches, name, key, ordinal in (one, other)]
    assert (identity_of(*one) == identity_of(*other)) == (counted[0] == counted[1])


def test_what_no_release_wrote_has_no_ordinal():
    assert parse_identity("pay") == StepName((), "pay", None, None)


def test_an_idempotency_key_is_a_uuid_and_always_the_same():
    key = idempotency_key("s-1", "pay#1")
    assert str(uuid.UUID(key)) == key == idempotency_key("s-1", "pay#1")


@given(one=st.tuples(TEXTS, TEXTS), other=st.tuples(TEXTS, TEXTS))
def test_steps_share_an_idempotency_key_only_when_they_are_the_same_step(one: tuple[str, str], other: tuple[str, str]):
    assert (idempotency_key(*one) == idempotency_key(*other)) == (one == other)
