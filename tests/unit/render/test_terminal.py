"""A run on a terminal, of any width, with and without colours and Unicode."""

from datetime import UTC, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from reev_flow.analysis.calls.prices import ModelPrice, Prices
from reev_flow.analysis.insights import FlowInsights, Parts
from reev_flow.collect.assemble import assemble_one
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.terminal import terminal_text, tree_text
from reev_flow.render.terminal_header import told_moment
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.trace.span import Source, TokenUsage
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.made_traces import UNHURRIED, a_fan_of, a_nest_of, a_plan_of, random_traces
from support.redraw import redraw

A_RUN = """
    agent:planner                  ##########   conversation=c7
      llm:gpt                      ###          in=1200 out=80 asks=search
      other:http                   ##
      tool:search(city=Lisbon)        !!!       error="429 too many requests"
      llm:gpt                            ####   in=1500 out=90 answer="done"
"""
OPTIONS = TerminalOptions(zone=UTC)
HOSTILE = "evil\x1b[2J\u202egnp.exe\nnext\u200b"


def insights_of(trace: Trace, parts: Parts | None = None) -> FlowInsights:
    return TraceProcessor(parts=parts or Parts()).process_trace(trace)


def told(trace: Trace, **options: object) -> str:
    return terminal_text(insights_of(trace), msgspec.structs.replace(OPTIONS, **options))


def section(text: str, title: str) -> list[str]:
    lines = text.split("\n")
    start = lines.index(title) + 1
    return lines[start : lines.index("", start)]


def test_the_facts_of_the_run_come_first():
    assert told(draw(A_RUN)).split("\n\n")[0].splitlines() == [
        "run           planner",
        "id            tttttttttttttttttttttttttttttttt",
        "started       2023-11-14 22:13:20.000 +00:00",
        "took          10.0 ms, ok",
        "spans         5: 2 llm, 1 agent, 1 tool, 1 infrastructure",
        "tokens        2,700 in, 170 out",
        "conversation  c7",
    ]


def test_the_tree_shows_times_the_critical_path_and_failures():
    assert section(told(draw(A_RUN)), "What happened") == [
        "                                       took     self  critical  when",
        "agent planner                       10.0 ms     0 ns            ────────────────",
        "├ llm gpt                           3.00 ms  3.00 ms       30%  ━━━━━",
        "├ ✗ tool search 429 too many requ…  3.00 ms  3.00 ms       30%      ━━━━━━",
        "└ llm gpt                           4.00 ms  4.00 ms       40%           ━━━━━━━",
        "1 infrastructure span not shown",
    ]


def test_tools_and_models_have_their_tables():
    text = told(draw(A_RUN))

    assert section(text, "Tools") == [
        "tool        calls  failed    total   median      p95  longest",
        "search          1       1  3.00 ms  3.00 ms  3.00 ms  3.00 ms",
    ]
    assert section(text, "Models") == [
        "model       calls  failed    total   median      p95  longest    in  out",
        "gpt             2          7.00 ms  3.00 ms  4.00 ms  4.00 ms  2.7k  170",
    ]


def test_costs_stand_with_the_models_when_there_are_prices():
    prices = Prices([ModelPrice(model="gpt", input=Decimal(2), output=Decimal(10))])
    insights = TraceProcessor(prices=prices).process_trace(draw(A_RUN))

    assert section(terminal_text(insights, OPTIONS), "Models") == [
        "model       calls    total   median      p95  longest    in  out     cost",
        "gpt             2  7.00 ms  3.00 ms  4.00 ms  4.00 ms  2.7k  170  $0.0071",
        "$0.0071 in all",
    ]


def test_findings_tell_their_proof_and_where_the_cure_stands():
    text = "\n".join(section(told(draw(A_RUN)), "Findings"))

    assert "warning RF203 rate-limited" in text
    assert "  do 1 below" in text
    assert f"spans {4:016x}" in text


def test_what_to_do_is_told_once_for_all_findings_it_mends():
    text = " ".join(section(told(draw(A_RUN)), "What to do"))

    assert text.startswith("1 Send fewer requests to tool ")
    assert text.count("Send fewer requests") == 1


def test_a_finding_that_no_recommendation_shown_mends_says_what_to_do_itself():
    run = "\n".join(
        [
            "flow:trip  " + "#" * 40,
            *(f'  tool:t{number}(x={number})  {" " * number}!  error="429 too many requests"' for number in range(7)),
        ]
    )
    text = "\n".join(section(told(draw(run)), "Findings"))

    assert "do: wait as long as the service asks" in text


def test_no_findings_are_said_to_be_none():
    assert told(draw("llm:gpt  ##  answer=hello")).endswith("Findings\nnone\n")


def test_tokens_are_told_in_detail():
    usage = TokenUsage(input=9_000, output=800, cache_read=5_000, cache_write=70, reasoning=600)

    text = told(redraw(draw("llm:gpt  ##"), "gpt", usage=usage), width=120)

    assert "9,000 in, 800 out (5k read from cache, 70 written to cache, 600 reasoning)" in text


def test_of_many_services_the_first_are_named():
    trace = draw("""
        agent:a   ######
          llm:b   #
          llm:c    #
          llm:d     #
    """)
    spans = [msgspec.structs.replace(span, source=Source(service=f"service-{span.label}")) for span in trace.spans]

    assert "services  service-a, service-b, service-c and 1 more" in told(assemble_one(spans))


def test_a_run_of_nothing_but_infrastructure_says_so():
    text = told(draw("other:http  ####"))

    assert "1: infrastructure only" in text
    assert "no flow operation in this trace; these are infrastructure spans" in text


def test_the_tree_alone_has_no_tables():
    text = tree_text(insights_of(draw(A_RUN)), OPTIONS)

    assert "What happened" in text
    assert "Tools" not in text


def test_hints_come_last():
    assert terminal_text(insights_of(draw(A_RUN)), OPTIONS, hints=["next: draw it"]).endswith("\nnext: draw it\n")


@pytest.mark.parametrize("width", [24, 40, 60, 80, 120, 160])
@pytest.mark.parametrize(
    "trace", [draw(A_RUN), a_nest_of(50), a_fan_of(300), a_plan_of(2_000)], ids=["run", "deep", "wide", "long"]
)
def test_no_line_is_wider_than_the_terminal(width: int, trace: Trace):
    lines = told(trace, width=width).splitlines()

    assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize("trace", [a_plan_of(5_000), a_nest_of(2_000), a_fan_of(5_000)], ids=["long", "deep", "wide"])
def test_a_long_tree_is_folded_to_the_rows_wanted_with_exact_counts(trace: Trace):
    rows = section(told(trace, rows=30), "What happened")

    assert len(rows) <= 32
    assert "operations folded into" in rows[-1]


def test_no_limit_shows_every_row():
    assert len(section(told(a_plan_of(300), rows=None), "What happened")) == 302


def test_deep_rows_tell_their_depth_instead_of_their_indentation():
    assert any(line.startswith("49 deep ") for line in told(a_nest_of(50), rows=None).splitlines())


def test_without_unicode_everything_is_ascii():
    trace = redraw(draw(A_RUN), "search", status_message="zu viele: ↯ …")

    text = told(trace, is_unicode=False, width=120)

    assert text.isascii()
    assert "zu viele: \\u21af ..." in text


def test_without_unicode_the_columns_are_the_same():
    trace = a_plan_of(9)

    assert [len(line) for line in told(trace, is_unicode=False).splitlines()] == [
        len(line) for line in told(trace).splitlines()
    ]


def test_colours_only_add_escape_sequences():
    assert "\x1b[" in told(draw(A_RUN), has_color=True)
    assert "\x1b" not in told(draw(A_RUN))


@settings(UNHURRIED, max_examples=40)
@given(trace=random_traces(), width=st.integers(24, 120), is_unicode=st.booleans())
def test_any_trace_can_be_shown(trace: Trace, width: int, is_unicode: bool):  # noqa: FBT001 - drawn by chance
    assert told(trace, width=width, is_unicode=is_unicode).startswith("run")


def test_text_from_the_trace_cannot_act_on_the_terminal():
    trace = redraw(draw(A_RUN), "planner", agent=HOSTILE, conversation_id=HOSTILE)
    trace = redraw(trace, "search", status_message=HOSTILE)

    text = told(trace)

    assert not set(text) & set("\x1b\u202e\u200b")
    assert "evil\\x1b[2J\\u202egnp.exe\\nnext\\u200b" in text


def test_an_endless_name_does_not_fill_the_terminal():
    assert len(told(a_plan_of(3, name="x" * 1_000_000))) < 5_000


def test_text_from_the_trace_is_not_read_as_markup():
    assert "[red]x[/red] :smile:" in told(redraw(draw(A_RUN), "planner", agent="[red]x[/red] :smile:"))


@pytest.mark.parametrize(("parts", "title"), [(Parts(metrics=False), "Tools"), (Parts(metrics=False), "Models")])
def test_a_part_that_is_switched_off_is_said_to_be(parts: Parts, title: str):
    text = terminal_text(insights_of(draw(A_RUN), parts), OPTIONS)

    assert section(text, title) == ["switched off; `reev-flow config` shows by which setting"]


@pytest.mark.parametrize("part", Parts.__struct_fields__)
def test_one_line_says_what_is_switched_off(part: str):
    text = terminal_text(insights_of(draw(A_RUN), Parts(**{part: False})), OPTIONS)

    assert text.endswith(f"\n\nswitched off: {part.replace('_', ' ')}; `reev-flow config` shows by which setting\n")


def test_nothing_is_said_to_be_switched_off_that_is_on():
    assert "switched off" not in told(draw(A_RUN))


def test_a_tree_tells_only_the_part_that_it_lacks():
    text = tree_text(insights_of(draw(A_RUN), Parts(performance=False, diagram=False)), OPTIONS)

    assert "switched off: performance; " in text


def test_the_tree_is_drawn_also_when_there_was_no_time_to_find_its_critical_path():
    insights = TraceProcessor(timeout_ms=1e-6).process_trace(draw(A_RUN))

    text = tree_text(insights, OPTIONS)

    assert "agent planner" in "\n".join(section(text, "What happened"))
    assert "partial: the time did not suffice for spans;" in text


def test_without_performance_the_tree_has_no_critical_path():
    text = terminal_text(insights_of(draw(A_RUN), Parts(performance=False)), OPTIONS)

    assert "critical" not in section(text, "What happened")[0]


def test_a_part_that_failed_is_told_in_its_place():
    def fail(_: object) -> list[object]:
        raise ZeroDivisionError

    rule = msgspec.structs.replace(TraceProcessor().rules[0], look=fail)
    text = terminal_text(FlowInsights(draw(A_RUN), draw=lambda *_: "", rules=[rule]), OPTIONS)

    assert "findings failed" in text


def test_of_a_run_that_took_no_time_none_passed_outside_its_operations():
    (instant,) = draw("llm:a  ##").spans
    instant = msgspec.structs.replace(instant, end_ns=instant.start_ns)

    assert "outside these operations" not in told(assemble_one([instant]))


def test_problems_of_the_trace_are_told():
    orphan = msgspec.structs.replace(draw("llm:a  ##").spans[0], parent_id="ff" * 8)

    assert "orphan 'a' names a parent that is not in the trace" in " ".join(told(assemble_one([orphan])).split())


def test_of_many_problems_the_first_are_told_and_all_counted():
    spans = [
        msgspec.structs.replace(span, parent_id=f"{number:016x}")
        for number, span in enumerate(a_fan_of(20).spans, start=99)
    ]

    assert "21 problems in all: 21 orphan" in told(assemble_one(spans))


@pytest.mark.parametrize(
    ("hours", "moment"), [(0, "1970-01-01 00:00:00.000 +00:00"), (-5, "1969-12-31 19:00:00.000 -05:00")]
)
def test_moments_are_told_in_the_zone_with_its_offset(hours: int, moment: str):
    assert told_moment(0, timezone(timedelta(hours=hours))) == moment


def test_a_moment_in_the_zone_of_the_machine_has_an_offset_too():
    assert told_moment(1_700_000_000_000_000_000, None)[-6] in "+-"
