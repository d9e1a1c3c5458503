"""Siblings that repeat are put together."""

from reev_flow.render.repeats import Group, fold_repeats, merge_same


def groups(keys: str) -> list[Group]:
    return [Group(key, (place,), place, place + 1) for place, key in enumerate(keys)]


def told(folded: list[Group]) -> str:
    return " ".join(_told(group) for group in folded)


def _told(group: Group) -> str:
    if group.pattern:
        return f"{group.rounds}[{told(list(group.pattern))}]"
    return f"{group.key}{len(group.indexes)}"


def folded(keys: str, *, least: int = 3, counts_matter: bool = True) -> str:
    return told(fold_repeats(groups(keys), least=least, counts_matter=counts_matter))


def test_three_in_a_row_become_one():
    assert folded("xaaay") == "x1 a3 y1"


def test_two_in_a_row_stay():
    assert folded("xaay") == "x1 a1 a1 y1"


def test_two_in_a_row_become_one_when_two_are_enough():
    assert folded("xaay", least=2) == "x1 a2 y1"


def test_rounds_of_two_become_a_loop():
    assert folded("ltltlt") == "3[l3 t3]"


def test_rounds_of_four_become_a_loop():
    assert folded("abcdabcdabcd") == "3[a3 b3 c3 d3]"


def test_rounds_of_five_stay():
    assert folded("abcde" * 3) == " ".join(f"{key}1" for key in "abcde" * 3)


def test_what_stands_around_a_loop_stays_around_it():
    assert folded("xltltlty") == "x1 3[l3 t3] y1"


def test_runs_of_equal_length_are_folded_within_a_loop():
    assert folded("aaabaaabaaab") == "3[a9 b3]"


def test_runs_of_different_length_are_no_loop_where_counts_matter():
    assert folded("aaabaaaabaaab") == "a3 b1 a4 b1 a3 b1"


def test_runs_of_different_length_are_a_loop_where_counts_do_not_matter():
    assert folded("aaabaaaabaaab", counts_matter=False) == "3[a10 b3]"


def test_the_shortest_pattern_is_taken():
    assert folded("abababab" * 2) == "8[a8 b8]"


def test_an_unfinished_round_stands_behind_the_loop():
    assert folded("abababa") == "3[a3 b3] a1"


def test_a_run_lasts_from_its_first_start_to_its_last_end():
    (run,) = fold_repeats(
        [Group("a", (0,), 0, 9), Group("a", (1,), 1, 2), Group("a", (2,), 3, 4)], least=3, counts_matter=True
    )

    assert (run.start_ns, run.end_ns) == (0, 9)


def test_a_loop_places_its_parts_where_their_first_round_was():
    (loop,) = fold_repeats(groups("ababab"), least=3, counts_matter=True)

    assert [(part.start_ns, part.end_ns) for part in loop.pattern] == [(0, 1), (1, 2)]


def test_the_same_anywhere_stand_where_the_first_stood():
    assert told(merge_same(groups("abcab"))) == "a2 b2 c1"
