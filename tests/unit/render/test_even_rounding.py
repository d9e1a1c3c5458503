"""Columns of numbers whose rounded parts sum to the rounded total."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.render.even_rounding import rounded_parts, scale_for

S = 1_000_000_000


@given(st.lists(st.integers(0, 10**12), max_size=20), st.sampled_from([1, 10, 1_000, 10**6, 10**9]))
def test_rounded_parts_sum_to_the_rounded_sum(parts: list[int], resolution: int):
    assert sum(rounded_parts(parts, resolution)) == (2 * sum(parts) + resolution) // (2 * resolution)


@given(st.lists(st.integers(0, 10**12), max_size=20), st.sampled_from([1, 10, 1_000, 10**6, 10**9]))
def test_no_part_is_off_by_a_whole_step(parts: list[int], resolution: int):
    rounded = rounded_parts(parts, resolution)
    assert all(abs(steps * resolution - part) < resolution for steps, part in zip(rounded, parts, strict=True))


@pytest.mark.parametrize(
    ("larger_ns", "difference_ns", "told"),
    [
        (4 * S, S, "4.000 s"),
        (4 * S, 1_234_567, "4,000.0 ms"),
        (40 * S, 10 * S, "40.00 s"),
        (7_200 * S, 600 * S, "7,200 s"),
        (5_000_000, 400_000, "5.000 ms"),
        (800, 3, "0.800 µs"),
        (0, 0, "0.000 µs"),
    ],
)
def test_the_scale_shows_both_the_larger_duration_and_the_difference(larger_ns: int, difference_ns: int, told: str):
    scale = scale_for(larger_ns, difference_ns)
    assert f"{scale.told(larger_ns // scale.resolution_ns)} {scale.unit}" == told


def test_a_difference_has_its_sign_and_nothing_has_none():
    scale = scale_for(4 * S, S)
    assert [scale.told(steps, signed=True) for steps in (1_500, 0, -1_500)] == ["+1.500", "0.000", "-1.500"]
