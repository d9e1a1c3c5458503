"""Every rule has its page, and the runs drawn there are what the rule finds and what it is silent about."""

import re
from pathlib import Path

import pytest

from reev_flow.analysis.findings import Rule
from reev_flow.analysis.rules.rulebook import RULES
from support.draw import draw
from support.findings import found

PAGES = Path(__file__).parents[3] / "docs" / "reference" / "findings"
TESTS = Path(__file__).parent / "rules"
DRAWING = re.compile(r"^```text(?: ms_per_column=(\d+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODES = [rule.code for rule in RULES]


def page_of(code: str) -> str:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def findings_in(code: str, heading: str) -> list[int]:
    """How much the rule finds in each run drawn below a heading."""
    section = page_of(code).split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    drawings = DRAWING.findall(section)
    return [len(found(code, draw(picture, ms_per_column=int(scale or 1)))) for scale, picture in drawings]


@pytest.mark.parametrize("code", CODES)
def test_the_first_run_on_a_page_is_found(code: str):
    assert findings_in(code, "A run it finds") == [1]


@pytest.mark.parametrize("code", CODES)
def test_the_better_run_on_a_page_is_not(code: str):
    assert findings_in(code, "A better one") == [0]


@pytest.mark.parametrize("code", CODES)
def test_what_a_page_calls_silent_is_not(code: str):
    assert findings_in(code, "When it stays silent") == [0]


@pytest.mark.parametrize("rule", RULES, ids=CODES)
def test_a_page_bears_the_name_of_its_rule_and_says_how_sure_it_is(rule: Rule):
    page = page_of(rule.code)
    assert page.startswith(f"# {rule.code} {rule.name}\n")
    assert "## How sure it is\n" in page


def test_the_index_lists_every_rule_with_its_severity_and_nothing_else():
    rows = re.findall(
        r"^\| \[(\w+)\]\((\w+)\.md\) \| ([\w-]+) \| (\w+) \|", (PAGES / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert rows == [(rule.code, rule.code, rule.name, rule.severity.value) for rule in RULES]


def test_there_is_no_page_without_a_rule():
    assert {path.stem for path in PAGES.glob("RF*.md")} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_rule_has_drawn_tests(code: str):
    tests = [path.read_text(encoding="utf-8") for path in TESTS.glob("test_*.py")]
    assert any(f'"{code}"' in text and "agent:planner" in text for text in tests)
