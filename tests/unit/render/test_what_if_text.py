"""What people and programs read of a run that is foretold."""

import msgspec
import pytest

from reev_flow.analysis.insights import FlowInsights, Parts
from reev_flow.errors import PartSwitchedOff
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.what_if_document import what_if_document
from reev_flow.render.what_if_text import missing_text, what_if_text
from reev_flow.trace.span import Flag
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.redraw import redraw


def test_people_read_before_after_why_not_and_what_pays():
    assert told("weather=2x").splitlines() == [
        "run         plan",
        f"id          {'t' * 32}",
        "with        weather=2x (1 span)",
        "took        10.0 ms",
        "would take  9.00 ms",
        "difference  1.00 ms shorter (10%)",
        "based on    times alone: nobody recorded who waited for whom",
        "",
        "It could come otherwise",
        "- 'weather' would be done before 'search', which was done first; what depended",
        "  on that order could go another way.",
        "",
        "What pays most",
        "operation  calls    total  waited for      own  saved per ms",
        "answer         1  6.00 ms     6.00 ms  6.00 ms       1.00 ms",
        "weather        1  4.00 ms     4.00 ms  4.00 ms       1.00 ms",
    ]


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("search=2x", "none: the run did not wait for it"),
        ("search=1x", "none: it takes as long as it did"),
        ("answer=+5ms", "5.00 ms longer (50%)"),
        ("answer=-1us", "1.00 µs shorter (<1%)"),
    ],
)
def test_a_run_may_become_longer_or_stay_as_it_is(change: str, difference: str):
    assert f"difference  {difference}" in told(change)


def test_what_is_waited_for_together_with_something_else_is_told_from_what_is_not_waited_for():
    trace = draw("""
        plan        ####
          search    ####
          weather   ####
    """)
    assert "none: something beside it takes as long" in told("search=2x", trace)


SERVED = """
    other:POST               ##########
      agent:planner           ######
        tool:search            ####
          other:query           ##
      other:receive           #########
"""


@pytest.mark.parametrize(
    ("change", "replayed"),
    [
        ("search=2x", "2 operations, 6.00 ms of the run; 3 infrastructure spans left out"),
        ("query=2x", "2 operations, 6.00 ms of the run, and 1 infrastructure span called so; 2 others left out"),
    ],
)
def test_it_is_told_what_was_replayed_where_that_is_not_the_whole_run(change: str, replayed: str):
    page = " ".join(told(change, draw(SERVED)).split())
    assert f"replayed {replayed}" in page


def test_a_run_without_the_operation_says_so():
    text = missing_text(insights(), "nothing in the run is called 'x'", TerminalOptions())
    assert text.splitlines()[-1] == "not told  nothing in the run is called 'x'"


@pytest.mark.parametrize("width", [30, 40, 59, 60, 79, 80])
def test_operations_that_pay_keep_their_names_on_a_narrow_terminal(width: int):
    text = what_if_text(insights(), insights().what_if("answer=2x"), TerminalOptions(width=width))
    told_of = text.partition("What pays most")[2]
    assert "answer" in told_of
    assert "…" not in told_of


def test_a_run_that_goes_on_is_said_to_be_unfinished():
    running = redraw(insights().trace, "plan", flags=frozenset({Flag.UNFINISHED}))
    assert "took        10.0 ms, unfinished\n" in told("answer=2x", running)


def test_programs_read_nanoseconds():
    document = what_if_document(insights(), insights().what_if("answer=2x"))
    assert (document.before_ns, document.predicted_ns, document.saved_ns) == (10 * MS, 7 * MS, 3 * MS)
    assert msgspec.json.decode(msgspec.json.encode(document))["changed_spans"] == [3]


def test_programs_read_why_there_is_nothing_to_tell():
    document = what_if_document(insights(), None, "nothing is called so")
    assert (document.predicted_ns, document.unavailable) == (None, "nothing is called so")


def test_nothing_is_foretold_without_performance():
    with pytest.raises(PartSwitchedOff):
        TraceProcessor(parts=Parts(performance=False)).process_trace(insights().trace).what_if("answer=2x")


def told(change: str, trace: Trace | None = None) -> str:
    run = TraceProcessor().process_trace(trace) if trace else insights()
    return what_if_text(run, run.what_if(change), TerminalOptions())


def insights() -> FlowInsights:
    return TraceProcessor().process_trace(
        draw("""
            plan        ##########
              search    ###
              weather   ####
              answer        ######
        """)
    )
