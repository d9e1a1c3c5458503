"""What the settings say about the prices of models."""

from decimal import Decimal
from pathlib import Path

import pytest

from reev_flow.analysis.calls.prices import ModelPrice, Prices
from reev_flow.errors import InvalidSetting
from reev_flow.settings import load_settings


def prices_in(text: str, folder: Path) -> Prices:
    (folder / "reev-flow.toml").write_text(text, encoding="utf-8")
    return load_settings({}, folder).prices()


def test_there_are_none_unless_they_are_set(tmp_path: Path):
    assert load_settings({}, tmp_path).prices().of("gpt-4.1") is None


def test_a_price_is_taken_as_it_is_written(tmp_path: Path):
    found = prices_in('[prices."gpt-4.1"]\ninput = 2.1\noutput = 8\ncache_read = "0.000001"\n', tmp_path)
    assert found.of("gpt-4.1") == ModelPrice(
        model="gpt-4.1", input=Decimal("2.1"), output=Decimal(8), cache_read=Decimal("0.000001")
    )


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("input = 1", "output is missing"),
        ("input = 1\noutput = 2\nreasoning = 3", "'reasoning' is not known"),
        ("input = -1\noutput = 2", "input must be from 0"),
        ("input = inf\noutput = 2", "input must be from 0"),
        ("input = true\noutput = 2", "input must be from 0"),
        ('input = "cheap"\noutput = 2', "input must be from 0"),
        ("input = 0.0000001\noutput = 2", "at most 6 decimals"),
    ],
)
def test_a_price_that_cannot_be_used_says_what_is_wrong(table: str, wrong: str, tmp_path: Path):
    with pytest.raises(InvalidSetting, match=wrong):
        prices_in(f'[prices."gpt"]\n{table}\n', tmp_path)


def test_a_price_that_is_no_table_says_what_is_wanted(tmp_path: Path):
    with pytest.raises(InvalidSetting, match="'gpt' is no table"):
        prices_in("[prices]\ngpt = 3\n", tmp_path)
