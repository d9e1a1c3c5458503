"""Cycles are found, and what comes before what."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.flows.plans.graph import ancestors, cycle_text, find_cycle

graphs = st.integers(1, 7).flatmap(
    lambda count: st.fixed_dictionaries(
        {
            str(name): st.lists(st.sampled_from([str(other) for other in range(count)]), max_size=3)
            for name in range(count)
        }
    )
)


def reachable(edges: dict[str, list[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = [*edges[start]]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(edges[name])
    return found


@given(graphs)
def test_a_cycle_is_found_exactly_when_something_reaches_itself(edges):
    cycle = find_cycle(edges)
    assert bool(cycle) is any(name in reachable(edges, name) for name in edges)


@given(graphs)
def test_the_cycle_that_is_told_is_one(edges):
    cycle = find_cycle(edges)
    if cycle:
        assert cycle[0] == cycle[-1]
        assert len(set(cycle)) == len(cycle) - 1
        assert all(after in edges[before] for before, after in itertools.pairwise(cycle))


@given(graphs)
def test_everything_before_a_step_is_what_it_reaches(edges):
    if not find_cycle(edges):
        assert ancestors(edges) == {name: reachable(edges, name) for name in edges}


def test_a_chain_of_a_thousand_steps_is_no_trouble():
    edges = {str(number): [str(number - 1)] if number else [] for number in range(1_000)}
    assert find_cycle(edges) == ()
    assert len(ancestors(edges)["999"]) == 999


@pytest.mark.parametrize(
    ("cycle", "text"),
    [(("a", "b", "a"), "a → b → a"), ((*map(str, range(20)), "0"), "0 → 1 → 2 → 3 → 4 → 5 → 6 → 7 → … → 0")],
)
def test_a_cycle_is_told_as_a_path(cycle, text):
    assert cycle_text(cycle) == text
