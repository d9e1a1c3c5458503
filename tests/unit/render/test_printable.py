"""Trace text cannot move the cursor, hide or turn around."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.render.printable import printable
from support.made_traces import UNHURRIED

HARMFUL = frozenset({"Cc", "Cs", "Zl", "Zp"})


@pytest.mark.parametrize("text", ["plain", "naïve café", "日本語", "👩‍💻", "க்‌ஷ", "a b", ""])
def test_ordinary_text_stays(text: str):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a\\nb"),
        ("a\tb\r", "a\\tb\\r"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("pass\u200bword", "pass\\u200bword"),
        ("\ud800", "\\ud800"),
        ("a\u2028b", "a\\u2028b"),
        ("\U000e0041", "\\U000e0041"),
        ("\ufeffbom", "\\ufeffbom"),
    ],
)
def test_what_could_deceive_is_spelled_out(text: str, shown: str):
    assert printable(text) == shown


@UNHURRIED
@given(st.text(st.characters(codec=None)))
def test_nothing_harmful_is_left(text: str):
    assert not {unicodedata.category(character) for character in printable(text)} & HARMFUL


@UNHURRIED
@given(st.text())
def test_safe_text_is_not_touched_again(text: str):
    assert printable(printable(text)) == printable(text)
