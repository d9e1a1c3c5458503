"""Two runs beside each other on a terminal."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.comparison.compare import compare_runs
from reev_flow.render.comparison_text import comparison_text
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.trace.span import Flag
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.edited_runs import edited_runs
from support.redraw import redraw

BEFORE = draw("""
    agent:planner                  ##########
      llm:gpt                      ##            in=100 out=20 asks=search
      tool:search(x=1) -> cold       ###
      llm:gpt                           ####     in=200 out=30 answer="fine"
""")
AFTER = draw(
    """
    agent:planner                  ##############
      llm:gpt                      ##                in=100 out=20 asks=search
      tool:search(x=1)               !!!             error="503 busy"
      tool:search(x=1) -> cold          ###
      llm:gpt                              ######    in=260 out=30 answer="fine"
""",
    trace_id="u" * 32,
)


def column_sums(text: str, title: str) -> tuple[list[int], list[int]]:
    """The sums of the three columns above the total, and the total, in steps of the last digit shown."""
    body = text.partition(title)[2].strip().splitlines()
    rows = []
    for line in body[1:]:
        if not line.strip() or line.startswith("- only A"):
            break
        rows.append([int(re.sub("[.,+]", "", cell)) for cell in line.split()[-3:]])
    return [sum(column) for column in zip(*rows[:-1], strict=True)], rows[-1]


PAGE = """\
A  planner tttttttttttttttttttttttttttttttt, ok
B  planner uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu, ok

                   A         B          difference
took        10.00 ms  14.00 ms  +4.00 ms (+40.0 %)
tokens in        300       360       +60 (+20.0 %)
tokens out        50        50                   0
failures           0         1                  +1
retries            0         1                  +1

First divergence
In agent planner, after llm gpt: tool search went well in A and failed in B (503
busy)
  spans A 0000000000000003 · B 0000000000000003

Time on the critical path, step by step
step                                A ms   B ms  difference ms
+ tool search #2 in agent planner   0.00   3.00          +3.00
  llm gpt #2 in agent planner       4.00   6.00          +2.00
  agent planner                     1.00   0.00          -1.00
  2 other steps                     5.00   5.00           0.00
  total                            10.00  14.00          +4.00
- only A   + only B   ~ changed   ? not reached yet

Tokens, step by step
step                             A    B  difference
  llm gpt #2 in agent planner  230  290         +60
  4 other steps                120  120           0
  total                        350  410         +60
"""
NARROW_PAGE = """\
A  planner
   tttttttttttttttttttttttttttttttt, ok
B  planner
   uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu, ok

               B - A
took        +4.00 ms
tokens in        +60
tokens out         0
failures          +1
retries           +1

First divergence
In agent planner, after llm gpt: tool
search went well in A and failed in B
(503 busy)
  spans A 0000000000000003 · B
  0000000000000003

Time on the critical path, step by step
step                            B - A ms
+ tool search #2 in agent          +3.00
planner
  llm gpt #2 in agent planner      +2.00
  agent planner                    -1.00
  2 other steps                     0.00
  total                            +4.00
- only A   + only B   ~ changed   ? not
reached yet

Tokens, step by step
step                           B - A
  llm gpt #2 in agent planner    +60
  4 other steps                    0
  total                          +60
"""


def test_the_page_names_the_divergence_and_the_steps_that_made_the_difference():
    assert comparison_text(compare_runs(BEFORE, AFTER)) == PAGE


def test_a_narrow_terminal_gets_the_differences_alone():
    assert comparison_text(compare_runs(BEFORE, AFTER), TerminalOptions(width=40)) == NARROW_PAGE


@pytest.mark.parametrize("title", ["Time on the critical path, step by step", "Tokens, step by step"])
def test_the_columns_add_up_as_shown(title: str):
    sums, total = column_sums(comparison_text(compare_runs(BEFORE, AFTER)), title)
    assert sums == total


@given(edited_runs(), st.integers(1, 4))
def test_the_columns_of_any_two_runs_add_up_as_shown(runs: tuple[Trace, Trace], steps: int):
    title = "Time on the critical path, step by step"
    text = comparison_text(compare_runs(*runs), TerminalOptions(width=160), steps=steps)
    if title in text:
        sums, total = column_sums(text, title)
        assert sums == total


@given(edited_runs(), st.integers(24, 120))
def test_no_line_is_wider_than_the_terminal(runs: tuple[Trace, Trace], width: int):
    text = comparison_text(compare_runs(*runs), TerminalOptions(width=width))
    assert all(cell_len(line) <= width for line in text.splitlines())


def test_steps_beyond_those_wanted_are_one_line():
    text = comparison_text(compare_runs(BEFORE, AFTER), steps=1)
    assert "4 other steps" in text


def test_steps_without_a_difference_are_summed_even_without_a_limit():
    assert "2 other steps" in comparison_text(compare_runs(BEFORE, AFTER), steps=None)


def test_runs_that_do_not_differ_have_no_tables():
    text = comparison_text(compare_runs(BEFORE, BEFORE))
    assert "none: both did the same" in text
    assert "step by step" not in text


def test_without_unicode_only_ascii_is_written():
    named = redraw(AFTER, "search", output="größer → kälter")
    assert comparison_text(compare_runs(BEFORE, named), TerminalOptions(is_unicode=False)).isascii()


def test_colours_are_only_there_where_they_are_wanted():
    comparison = compare_runs(BEFORE, AFTER)
    assert "\x1b[" in comparison_text(comparison, TerminalOptions(has_color=True))
    assert "\x1b[" not in comparison_text(comparison)


def test_what_a_trace_says_cannot_reach_the_terminal():
    text = comparison_text(compare_runs(BEFORE, redraw(AFTER, "search", output="\x1b[31mred\u202e")))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_run_that_goes_on_is_said_to_be_compared_as_far_as_it_goes():
    running = redraw(AFTER, "planner", flags=frozenset({Flag.UNFINISHED}))
    assert "B is not complete; it is compared as far as it goes" in comparison_text(compare_runs(BEFORE, running))


def test_a_run_that_goes_on_has_not_parted_so_far():
    running = redraw(BEFORE, "planner", flags=frozenset({Flag.UNFINISHED}))
    assert "none so far" in comparison_text(compare_runs(BEFORE, running))


def test_steps_of_the_same_name_are_numbered_and_so_is_what_they_are_in():
    turns = """
        agent:planner   {}
          step:turn     ##
            llm:gpt     ##  in=1 out=1
          step:turn       {}
            llm:gpt       {}  in=1 out=1
    """
    text = comparison_text(
        compare_runs(draw(turns.format("####", "##", "##")), draw(turns.format("######", "####", "####")))
    )
    assert "  llm gpt in step turn #2  " in text


def test_with_prices_the_cost_is_told_step_by_step():
    def cost_of(call: ModelCall) -> Decimal | None:
        return Decimal(call.usage.total) / 1_000_000 if call.usage else None

    text = comparison_text(compare_runs(BEFORE, AFTER, cost_of=cost_of))
    sums, total = column_sums(text, "Cost, step by step")
    assert sums == total == [350, 410, 60]


def test_what_it_was_judged_by_stands_at_the_end():
    text = comparison_text(compare_runs(BEFORE, AFTER), verdict=["--fail-on diverged: they did"])
    assert text.endswith("\n--fail-on diverged: they did\n")


def test_models_without_a_known_price_are_named():
    text = comparison_text(compare_runs(BEFORE, BEFORE, cost_of=lambda _: None))
    assert re.search(r"\d model calls? of B without a known price: \S", text)


def test_findings_that_nobody_had_the_time_to_look_for_are_named():
    text = comparison_text(compare_runs(BEFORE, AFTER, timeout_ms=1e-6))
    assert "\npartial: the time did not suffice for RF" in text
    assert "\nFindings\n" not in text
