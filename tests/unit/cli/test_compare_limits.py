"""What `--fail-on` may say, and when a comparison exceeds it."""

from decimal import Decimal

import pytest

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.comparison.amounts import CostOf
from reev_flow.analysis.comparison.compare import Comparison, compare_runs
from reev_flow.cli.compare_limits import InvalidLimit, NoPrices, PriceMissing, exceeded, limits_of
from reev_flow.trace.span import Flag
from support.draw import draw
from support.redraw import redraw

TEN = 'agent:planner  ##########\n  llm:gpt      ##  in=100 out=100 answer="a"'
ELEVEN = 'agent:planner  ###########\n  llm:gpt      ##  in=110 out=110 answer="a"'
BROKEN = 'agent:planner  ##########\n  llm:gpt      !!  in=100 out=100 error="503 busy"'


def compared(a: str, b: str, cost_of: CostOf | None = None) -> Comparison:
    return compare_runs(draw(a), draw(b), cost_of=cost_of)


def cent_a_token(call: ModelCall) -> Decimal | None:
    return Decimal(call.usage.total) / 100 if call.usage else None


@pytest.mark.parametrize(
    ("limit", "fails"),
    [
        ("slower=9%", True),
        ("slower=10%", False),
        ("slower", True),
        ("slower=0.9ms", True),
        ("slower=1ms", False),
        ("slower=0.001s", False),
        ("slower=1000us", False),
        ("tokens=9.9%", True),
        ("tokens=10%", False),
        ("tokens=19", True),
        ("tokens=20", False),
        ("diverged", False),
        ("failed", False),
        ("findings", False),
    ],
)
def test_a_limit_is_exceeded_by_more_than_it_says(limit: str, fails: bool):  # noqa: FBT001 - what is expected
    assert bool(exceeded(compared(TEN, ELEVEN), limits_of([limit]))) is fails


@pytest.mark.parametrize("limit", ["slower", "tokens", "slower=1ms", "diverged", "failed", "findings"])
def test_a_run_keeps_every_limit_beside_itself(limit: str):
    assert exceeded(compared(TEN, TEN), limits_of([limit])) == []


def test_a_faster_run_is_not_slower():
    assert exceeded(compared(ELEVEN, TEN), limits_of(["slower", "tokens"])) == []


@pytest.mark.parametrize("limit", ["failed", "diverged"])
def test_a_failure_that_was_not_there_before_counts(limit: str):
    assert len(exceeded(compared(TEN, BROKEN), limits_of([limit]))) == 1


def test_a_finding_that_was_not_there_before_counts():
    missing = TEN + '\n  tool:find       ##   error="404 not found"'.replace("##", "!!")
    codes = exceeded(compared(TEN, missing), limits_of(["findings"]))
    assert len(codes) == 1
    assert "RF205" in codes[0]


def test_a_failure_that_was_there_before_does_not_count():
    assert exceeded(compared(BROKEN, BROKEN), limits_of(["failed", "findings"])) == []


@pytest.mark.parametrize(("limit", "fails"), [("dearer=9%", True), ("dearer=10%", False), ("dearer=0.19", True)])
def test_cost_is_limited_in_percent_or_dollars(limit: str, fails: bool):  # noqa: FBT001 - what is expected
    assert bool(exceeded(compared(TEN, ELEVEN, cent_a_token), limits_of([limit]))) is fails


def test_cost_cannot_be_limited_without_prices():
    with pytest.raises(NoPrices):
        exceeded(compared(TEN, ELEVEN), limits_of(["dearer=5%"]))


def test_several_limits_stand_by_commas_or_one_by_one():
    limits = limits_of(["slower=10%,failed", "tokens = 5".replace(" ", "")])
    assert [limit.name for limit in limits] == ["slower", "failed", "tokens"]


@pytest.mark.parametrize(
    "limit",
    ["quicker", "slower=", "slower=ten", "slower=5", "slower=-5%", "tokens=5ms", "dearer=5s", "failed=3", "=5%"],
)
def test_what_is_no_limit_is_refused_with_those_there_are(limit: str):
    with pytest.raises(InvalidLimit, match="slower=10%"):
        limits_of([limit])


def test_the_reason_tells_both_amounts_and_the_difference():
    assert exceeded(compared(TEN, ELEVEN), limits_of(["slower=9%"])) == [
        "--fail-on slower=9%: 10.0 ms in A, 11.0 ms in B, 1.00 ms more (+10.0 %)"
    ]


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_a_text_without_a_limit_is_refused_as_nothing_would_be_held_to_it(text: str):
    with pytest.raises(InvalidLimit):
        limits_of(["slower=10%", text])


def test_a_very_long_limit_is_cut_in_what_is_told():
    assert len(str(InvalidLimit("x" * 100_000))) < 300


def test_dollars_are_told_with_the_digits_they_have():
    (told,) = exceeded(compared(TEN, ELEVEN, cent_a_token), limits_of(["dearer=0.15"]))
    assert told == "--fail-on dearer=0.15: $2 in A, $2.2 in B, $0.2 more (+10.0 %)"


def test_cost_cannot_be_limited_while_a_model_has_no_price():
    other = 'agent:planner  ##########\n  llm:own      ##  in=100 out=100 answer="a"'
    priced = compared(TEN, other, lambda call: Decimal(1) if call.model == "gpt" else None)
    with pytest.raises(PriceMissing, match="'own' has none"):
        exceeded(priced, limits_of(["dearer=5%"]))


def test_a_difference_too_small_to_be_seen_in_the_sums_is_told_beside_them():
    slow, slower = (draw(TEN, ms_per_column=1_000), draw(TEN, ms_per_column=1_000 + 1))
    assert exceeded(compare_runs(slow, slower), limits_of(["slower"])) == [
        "--fail-on slower: 10.0 s in A, 10.0 s in B, 10.0 ms more (+0.1 %)"
    ]


def test_a_run_that_was_cut_off_counts_as_failed_beside_one_that_was_not():
    whole = draw(TEN)
    cut_off = redraw(whole, "planner", flags=frozenset({Flag.UNFINISHED}))
    assert exceeded(compare_runs(whole, cut_off), limits_of(["failed"])) == [
        "--fail-on failed: B is not complete, A is"
    ]
    assert exceeded(compare_runs(cut_off, cut_off), limits_of(["failed"])) == []
