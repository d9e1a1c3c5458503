"""What differs between any two runs is made alike, and nothing else."""

import pytest

from reev_flow.analysis.comparison.passing_values import without_passing


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"id":"c9f384ea-926f-45e9-8e7b-370e0e8ad831"}', '{"id":"a6fa5300-bd8b-4417-9fbb-dd84781435d0"}'),
        ('"lc_run--c9f384ea-926f-45e9-8e7b-370e0e8ad831-0"', '"lc_run--a6fa5300-bd8b-4417-9fbb-dd84781435d0-0"'),
        ('"call_8sJ2kLm9Qp4RtXz1"', '"call_0aB3cD5eF7gH9iJ1"'),
        ('"2026-05-08T10:00:00.123456Z"', '"2026-05-08T10:00:01.5Z"'),
        ('"session-a"', '"session-b"'),
    ],
)
def test_ids_and_readings_of_a_clock_are_alike(one: str, other: str):
    ids = {b"session-a", b"session-b"}
    assert without_passing(one.encode(), ids) == without_passing(other.encode(), ids)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"2026-05-08T10:00:00Z"', '"2026-05-09T10:00:00Z"'),
        ('"order-1"', '"order-2"'),
        ('"internationalization-a"', '"internationalization-b"'),
        ('"get_weatherforecasttomorrow"', '"get_weatherforecastyesterday"'),
        ('{"id":7}', '{"id":8}'),
    ],
)
def test_what_may_mean_something_stays_different(one: str, other: str):
    assert without_passing(one.encode(), ()) != without_passing(other.encode(), ())
