"""What model calls cost, by prices that the user has set."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.calls.prices import ModelPrice, Prices
from reev_flow.analysis.metrics import FlowMetrics
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import TokenUsage
from support.draw import draw

PRICE = ModelPrice(model="gpt", input=Decimal("2.5"), output=Decimal(10), cache_read=Decimal("0.25"))
DOLLARS = st.decimals(min_value=0, max_value=1_000, places=6)
TOKENS = st.integers(0, 10**9)


def metrics(run: str, *prices: ModelPrice) -> FlowMetrics:
    return RunFacts(draw(run), prices=Prices(prices)).metrics


def test_tokens_cost_what_a_million_of_them_costs_in_proportion():
    assert PRICE.cost(TokenUsage(input=1_000, output=100)) == Decimal("0.0035")


def test_what_was_read_from_a_cache_has_a_price_of_its_own():
    assert PRICE.cost(TokenUsage(input=1_000, cache_read=1_000)) == Decimal("0.00025")


def test_what_was_written_to_a_cache_costs_as_other_input_unless_said():
    assert PRICE.cost(TokenUsage(input=1_000, cache_write=1_000)) == Decimal("0.0025")


@given(input_price=DOLLARS, output_price=DOLLARS, tokens_in=TOKENS, tokens_out=TOKENS)
def test_costs_are_exact(input_price: Decimal, output_price: Decimal, tokens_in: int, tokens_out: int):
    price = ModelPrice(model="gpt", input=input_price, output=output_price)
    exact = (Fraction(input_price) * tokens_in + Fraction(output_price) * tokens_out) / 1_000_000
    assert Fraction(price.cost(TokenUsage(input=tokens_in, output=tokens_out))) == exact


@pytest.mark.parametrize(
    "name", ["gpt", "openai/gpt", "gpt-2025-04-14", "openai/gpt-20250414", "gpt-latest", "gpt@20250414"]
)
def test_a_price_holds_for_any_provider_and_version_of_the_model(name: str):
    assert Prices([PRICE]).of(name) == PRICE


@pytest.mark.parametrize("name", ["gpt-mini", "gpt-4", "my-gpt", "", "GPT"])
def test_a_price_does_not_hold_for_another_model(name: str):
    assert Prices([PRICE]).of(name) is None


RUN = """
    agent:planner      ##############################
      llm:gpt          ####                              in=1000 out=100 asks=search
      tool:search          #####
        llm:mini            ###                          in=50 out=5
      llm:gpt                   ####                     in=2000 out=200
"""


def test_without_prices_there_are_no_costs():
    told = metrics(RUN)
    assert (told.cost, [model.cost for model in told.models]) == (None, [None, None])


def test_a_run_costs_what_its_models_cost():
    mini = ModelPrice(model="mini", input=Decimal(1), output=Decimal(1))
    assert metrics(RUN, PRICE, mini).cost == Decimal("0.010555")


def test_a_run_with_a_model_without_a_price_has_no_total():
    told = metrics(RUN, PRICE)
    assert (told.cost, [model.cost for model in told.models]) == (None, [Decimal("0.0105"), None])


def test_a_model_whose_tokens_are_not_known_costs_nothing_that_is_known():
    told = metrics("agent:planner  ####\n  llm:gpt      ####\n", PRICE)
    assert (told.cost, told.models[0].cost) == (None, None)


def test_a_tool_knows_the_tokens_inside_it_and_those_of_whoever_asked_for_it():
    (search,) = metrics(RUN).tools
    assert (search.usage, search.asking) == (TokenUsage(input=50, output=5), TokenUsage(input=1_000, output=100))
