"""What holds of any two runs laid side by side."""

from hypothesis import given

from reev_flow.analysis.comparison.amounts import NOTHING, Amounts
from reev_flow.analysis.comparison.compare import Comparison, compare_runs
from reev_flow.analysis.comparison.steps import NOT_THERE, Step
from reev_flow.trace.trace import Trace
from support.edited_runs import edited_runs


def operations(trace: Trace, compared: Comparison, side: str) -> list[int]:
    return sorted(place for step in compared.steps if (place := getattr(step, side)) != NOT_THERE)


def total(amounts: list[Amounts]) -> Amounts:
    return sum(amounts, start=NOTHING)


def mirrored(step: Step) -> tuple[int, int, Amounts]:
    return step.b, step.a, NOTHING - step.difference


@given(edited_runs())
def test_the_differences_of_the_steps_sum_to_the_whole_difference(runs: tuple[Trace, Trace]):
    compared = compare_runs(*runs)
    parts = [*(step.difference for step in compared.steps), compared.outside_difference]
    assert total(parts) == compared.difference
    assert compared.difference.duration_ns == runs[1].duration_ns - runs[0].duration_ns


@given(edited_runs())
def test_the_steps_of_either_run_sum_to_its_total(runs: tuple[Trace, Trace]):
    compared = compare_runs(*runs)
    assert total([*(step.a_owned for step in compared.steps), compared.a.outside]) == compared.a.total
    assert total([*(step.b_owned for step in compared.steps), compared.b.outside]) == compared.b.total


@given(edited_runs())
def test_no_time_that_is_owned_is_negative(runs: tuple[Trace, Trace]):
    compared = compare_runs(*runs)
    owned = [*(step.a_owned for step in compared.steps), compared.a.outside]
    assert all(amounts.duration_ns >= 0 for amounts in owned)


@given(edited_runs())
def test_every_operation_stands_in_exactly_one_step(runs: tuple[Trace, Trace]):
    compared = compare_runs(*runs)
    alone_a, alone_b = compare_runs(runs[0], runs[0]), compare_runs(runs[1], runs[1])
    assert operations(runs[0], compared, "a") == operations(runs[0], alone_a, "a")
    assert operations(runs[1], compared, "b") == operations(runs[1], alone_b, "b")


@given(edited_runs())
def test_the_other_way_round_every_step_has_the_opposite_difference(runs: tuple[Trace, Trace]):
    there, back = compare_runs(*runs), compare_runs(*reversed(runs))
    assert sorted(map(mirrored, back.steps), key=repr) == sorted(
        ((step.a, step.b, step.difference) for step in there.steps), key=repr
    )


@given(edited_runs())
def test_the_other_way_round_the_runs_have_parted_just_as_well(runs: tuple[Trace, Trace]):
    assert compare_runs(*runs).diverged == compare_runs(*reversed(runs)).diverged


@given(edited_runs())
def test_a_run_does_not_differ_from_itself(runs: tuple[Trace, Trace]):
    for run in runs:
        compared = compare_runs(run, run)
        assert compared.difference == NOTHING
        assert compared.first_divergence is None
        assert all(step.a == step.b and step.difference == NOTHING and not step.changes for step in compared.steps)
        assert (compared.findings.appeared, compared.findings.vanished) == ((), ())


@given(edited_runs())
def test_steps_are_listed_before_what_is_inside_them(runs: tuple[Trace, Trace]):
    steps = compare_runs(*runs).steps
    for index, step in enumerate(steps):
        assert step.parent < index < step.end <= len(steps)
        assert step.parent == -1 or step.end <= steps[step.parent].end
