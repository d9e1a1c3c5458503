"""A run as the rows of a tree."""

from reev_flow.analysis.calls.usage import count_usage
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.render.tree_rows import TreeRow, fitting_picture, tree_rows
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.made_traces import a_nest_of, a_plan_of

MS = 1_000_000


def rows_of(trace: Trace, most_rows: int | None = None, most_guides: int = 10) -> list[TreeRow]:
    picture = fitting_picture(trace, most_rows)
    return list(tree_rows(picture, SpanAnalysis(trace), count_usage(trace), most_guides=most_guides))


def test_what_fits_is_not_folded():
    assert len(rows_of(a_plan_of(9, lambda _: "same"), most_rows=10)) == 10


def test_what_does_not_fit_is_folded():
    assert len(rows_of(a_plan_of(90, lambda _: "same"), most_rows=10)) <= 10


def test_less_than_the_strongest_fold_is_not_to_be_had():
    assert len(rows_of(a_plan_of(90), most_rows=1)) == 2


def test_without_a_limit_everything_has_its_row():
    assert len(rows_of(a_plan_of(500, lambda _: "same"))) == 501


def test_guides_tell_which_rows_are_the_last_of_their_siblings():
    trace = draw("""
        flow:a          ########
          step:b        ####
            llm:c       ##
          step:d            ####
            llm:e           ##
    """)

    assert [(row.depth, list(row.guides)) for row in rows_of(trace)] == [
        (0, []),
        (1, [False]),
        (2, [False, True]),
        (1, [True]),
        (2, [True, True]),
    ]


def test_of_deep_rows_only_the_innermost_guides_are_told():
    deepest = rows_of(a_nest_of(40), most_guides=3)[-1]

    assert (deepest.depth, len(deepest.guides)) == (40, 3)


def test_self_time_is_what_no_operation_below_took_and_infrastructure_counts_as_self():
    trace = draw("""
        agent:a         ##########
          llm:b         ####
            other:http  ####
          tool:c          ####
    """)

    assert [row.self_ns for row in rows_of(trace)] == [4 * MS, 4 * MS, 4 * MS]


def test_the_time_on_the_critical_path_is_told():
    trace = draw("""
        agent:a         ########
          tool:slow     ######
          tool:quick    ##
    """)

    assert {row.node.label: row.critical_ns for row in rows_of(trace)} == {"a": 2 * MS, "slow": 6 * MS, "quick": 0}


def test_without_an_analysis_the_critical_path_is_not_known():
    trace = draw("llm:a  ##")
    rows = list(tree_rows(fitting_picture(trace, None), None, count_usage(trace), most_guides=1))

    assert rows[0].critical_ns is None


def test_a_failure_tells_its_reason():
    assert rows_of(draw('tool:a  !!  error="sold out"'))[0].reason == "sold out"


def test_a_folded_row_lasts_from_the_first_start_to_the_last_end():
    trace = draw("""
        agent:a         ##########
          tool:x          ##
          tool:x            ##
          tool:x              ##
    """)

    row = rows_of(trace, most_rows=2)[1]
    assert (row.start_ns, row.end_ns) == (2 * MS, 8 * MS)


def test_a_container_tells_the_tokens_of_what_is_in_it():
    trace = draw("""
        agent:a         ####
          llm:b         ##    in=10 out=1
          llm:c           ##  in=20 out=2
    """)

    assert [row.usage.input for row in rows_of(trace)] == [30, 10, 20]
