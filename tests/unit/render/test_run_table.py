"""Many runs as a table."""

from datetime import UTC

import msgspec
import pytest

from reev_flow.pipeline import TraceProcessor
from reev_flow.render.document import summary_of
from reev_flow.render.run_table import run_table
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.trace.trace import Trace
from support.draw import draw

OPTIONS = TerminalOptions(zone=UTC)
RUN = """
    agent:planner              ##########
      llm:gpt                  ###          in=1100 out=20
      tool:search(x=1)            !!!       error="no"
"""


def table(*traces: Trace, options: TerminalOptions = OPTIONS) -> list[str]:
    processor = TraceProcessor()
    return run_table([summary_of(processor.process_trace(trace)) for trace in traces], options).splitlines()


def test_a_run_is_one_line_under_the_titles():
    assert table(draw(RUN, trace_id="a" * 32)) == [
        "run       began                   took  status  llm         tools  tokens  spans  name",
        "aaaaaaaa  2023-11-14 22:13:20  10.0 ms  ok        1  1 (1 failed)   1.12k      3  planner",
    ]


def test_ids_are_as_long_as_it_takes_to_tell_the_runs_apart():
    lines = table(draw(RUN, trace_id="0" * 20 + "a" * 12), draw(RUN, trace_id="0" * 20 + "b" * 12))
    assert [line.split()[0] for line in lines[1:]] == ["0" * 20 + "a", "0" * 20 + "b"]


def test_a_long_name_is_cut_with_a_mark():
    trace = draw(RUN.replace("planner", "p" * 60))
    assert table(trace)[1].endswith("ppp…")
    assert table(trace, options=TerminalOptions(zone=UTC, is_unicode=False))[1].endswith("ppp...")


@pytest.mark.parametrize("width", [24, 30, 40, 50, 60, 70, 79])
def test_in_a_narrow_terminal_other_columns_make_room_for_the_name(width: int):
    lines = table(draw(RUN), options=TerminalOptions(zone=UTC, width=width))
    assert lines[1].endswith("  planner")
    assert max(map(len, lines)) <= width


def test_what_is_wanted_least_makes_room_first():
    head, _ = table(draw(RUN), options=TerminalOptions(zone=UTC, width=66))
    assert head.split() == ["run", "began", "took", "status", "name"]


def test_a_time_beyond_the_calendar_is_a_question_mark():
    trace = draw(RUN)
    assert "?" in table(msgspec.structs.replace(trace, start_ns=2**70, end_ns=2**70 + 5))[1]


@pytest.mark.parametrize("name", ["\x1b[31m", "\u202e"])
def test_a_name_cannot_act_on_the_terminal(name: str):
    assert name not in "\n".join(table(draw(RUN.replace("planner", f"x{name}"))))
