"""Two sequences aligned in order."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.comparison.sequences import align, increasing

letters = st.text("abc", max_size=30)


def aligned(a: str, b: str, *, case_matters: bool = True) -> list[tuple[int, int]]:
    """Letters are equal if they are, and alike if they are but for their case."""
    equal = [*map(ord, a)], [*map(ord, b)]
    alike = [*map(ord, a.lower())], [*map(ord, b.lower())]
    return align(equal, equal if case_matters else alike)


def longest_common(a: str, b: str) -> int:
    row = [0] * (len(b) + 1)
    for one in a:
        before = row
        row = [0]
        for place, other in enumerate(b):
            row.append(max(before[place + 1], row[place], before[place] + (one == other)))
    return row[-1]


@given(letters, letters)
def test_short_sequences_share_as_much_as_they_can(a: str, b: str):
    assert len(aligned(a, b)) == longest_common(a, b)


@given(letters, letters, st.integers(1, 40))
def test_places_increase_on_both_sides_and_hold_the_same_also_in_long_ones(a: str, b: str, times: int):
    matches = aligned(a * times, b * times)
    assert all((a * times)[place] == (b * times)[other] for place, other in matches)
    assert all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(matches))


@given(letters, letters)
def test_what_only_resembles_is_matched_when_nothing_equal_is_lost(a: str, b: str):
    matches = align(([*map(ord, a)], [*map(ord, b.upper())]), ([*map(ord, a)], [*map(ord, b)]))
    assert len(matches) == longest_common(a, b)


def test_a_loop_that_ran_once_less_lacks_its_last_round():
    assert aligned("ababab", "abab") == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_an_equal_one_is_preferred_to_one_that_is_alike():
    assert aligned("Aa", "a", case_matters=False) == [(1, 0)]


def test_a_round_left_out_of_a_long_loop_is_found_by_what_is_known_of_the_others():
    rounds = list(range(1_000))
    fewer = [*rounds[:400], *rounds[401:]]
    alike = [0] * 1_000, [0] * 999
    assert align((rounds, fewer), alike) == [(one, one - (one > 400)) for one in rounds if one != 400]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12, unique_by=(lambda p: p[0], lambda p: p[1]))
)
def test_the_increasing_part_of_pairs_increases(pairs: list[tuple[int, int]]):
    chosen = increasing(sorted(pairs))
    assert all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(chosen))
    assert set(chosen) <= set(pairs)
    assert bool(chosen) == bool(pairs)
