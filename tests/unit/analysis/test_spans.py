"""Where the time of a run went, span by span."""

from hypothesis import given

from reev_flow.analysis.spans import SpanAnalyzer
from reev_flow.trace.run import GapKind
from reev_flow.trace.semantics import REEV_GAP
from reev_flow.trace.trace import Trace
from support.draw import MS, draw, names
from support.forests import forests
from support.redraw import redraw
from support.told_causes import tell_causes


def in_ms(times_ns: tuple[int, ...]) -> list[int]:
    return [time_ns // MS for time_ns in times_ns]


def test_a_span_waits_while_a_child_runs_and_works_otherwise():
    analysis = SpanAnalyzer().analyze(
        draw("""
        plan        ##########
          search     ###
          answer         ####
    """)
    )
    assert (in_ms(analysis.self_ns)[0], in_ms(analysis.waiting_ns)[0]) == (3, 7)


def test_time_in_which_two_children_run_is_waited_once():
    analysis = SpanAnalyzer().analyze(
        draw("""
        plan        ##########
          search     ####
          answer       ####
    """)
    )
    assert in_ms(analysis.waiting_ns)[0] == 6


def test_a_child_inside_another_childs_time_adds_nothing():
    analysis = SpanAnalyzer().analyze(
        draw("""
        plan        ##########
          search     ########
          answer       ##
    """)
    )
    assert in_ms(analysis.waiting_ns)[0] == 8


def test_only_what_of_a_child_lies_within_its_parent_is_waited_for():
    analysis = SpanAnalyzer().analyze(
        draw("""
        run          ##########
          plan         ####
            search   ###
            answer        #####
    """)
    )
    assert in_ms(analysis.waiting_ns)[1] == 2


@given(forests())
def test_working_and_waiting_make_up_the_duration_of_every_span(trace: Trace):
    analysis = SpanAnalyzer().analyze(trace)
    for span, own_ns, waiting_ns in zip(trace.spans, analysis.self_ns, analysis.waiting_ns, strict=True):
        assert own_ns + waiting_ns == span.duration_ns
        assert own_ns >= 0
        assert waiting_ns >= 0


@given(forests())
def test_waiting_is_every_moment_in_which_some_child_runs(trace: Trace):
    analysis = SpanAnalyzer().analyze(trace)
    for position, span in enumerate(trace.spans):
        children = [trace.spans[child] for child in trace.children(position)]
        moments = range(span.start_ns, span.end_ns)
        waited = [at for at in moments if any(child.start_ns <= at < child.end_ns for child in children)]
        assert analysis.waiting_ns[position] == len(waited)


@given(forests())
def test_critical_time_sums_to_its_path(trace: Trace):
    analysis = SpanAnalyzer().analyze(trace)
    for critical_ns, path in (
        (analysis.critical_ns, analysis.path),
        (analysis.operation_critical_ns, analysis.flow_path),
    ):
        assert sum(critical_ns) == sum(piece.duration_ns for piece in path if piece.position >= 0)


def test_work_side_by_side_is_concurrent():
    concurrency = (
        SpanAnalyzer()
        .analyze(
            draw("""
        agent:planner    ##########
          tool:search     ####
          tool:weather      ####
          llm:gpt               ##
    """)
        )
        .concurrency
    )
    assert (concurrency.most, concurrency.busy_ns // MS, round(concurrency.average, 2)) == (2, 8, 1.25)


def test_work_that_contains_work_is_not_counted_twice():
    concurrency = (
        SpanAnalyzer()
        .analyze(
            draw("""
        tool:ask_expert    ########
          llm:gpt           ######
    """)
        )
        .concurrency
    )
    assert (concurrency.most, concurrency.busy_ns // MS) == (1, 6)


def test_a_run_without_work_is_never_busy():
    concurrency = SpanAnalyzer().analyze(draw("flow:trip  ####")).concurrency
    assert (concurrency.most, concurrency.busy_ns, concurrency.average) == (0, 0, 0.0)


def test_the_slowest_are_those_that_own_most_of_the_path():
    trace = draw("""
        agent:planner    ##########
          tool:search     #####
            other:GET      ###
          tool:weather    ###
          llm:gpt              ##
    """)
    assert names(trace, SpanAnalyzer().analyze(trace).slowest(2)) == ["search", "planner"]


def test_what_owns_nothing_is_not_among_the_slowest():
    trace = draw("""
        agent:planner    ####
          tool:search    ####
    """)
    assert names(trace, SpanAnalyzer().analyze(trace).slowest()) == ["search"]


def test_time_in_which_the_run_stood_still_is_told_by_its_reason():
    trace = draw("""
        flow         ############
          draft      ##
          down         ###
          approve         #####
          send                 ##
    """)
    down = redraw(redraw(trace, "down", attributes={REEV_GAP: "down"}), "approve", attributes={REEV_GAP: "waiting"})
    still_ns = SpanAnalyzer().analyze(down).stood_still_ns
    assert still_ns == {GapKind.DOWN: 3 * MS, GapKind.WAITING: 5 * MS}


def test_standing_still_beside_something_that_went_on_cost_no_time():
    trace = draw("""
        flow         #######
          approve    #####
          draft      #######
    """)
    waiting = redraw(trace, "approve", attributes={REEV_GAP: "waiting"})
    assert SpanAnalyzer().analyze(waiting).stood_still_ns == {GapKind.DOWN: 0, GapKind.WAITING: 0}


def test_an_analysis_walks_the_path_along_what_is_known():
    trace = draw("""
        run         ########
          answer    ###
          log         #####
    """)
    known = tell_causes(trace, after={"answer": [], "log": []}, joined={"run": ["answer"]})
    analysis = SpanAnalyzer().analyze(known)
    assert in_ms(analysis.critical_ns) == in_ms(analysis.operation_critical_ns) == [5, 3, 0]
