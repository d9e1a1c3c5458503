"""The critical path where it is known what waited for what."""

from hypothesis import given

from reev_flow.analysis.path.critical_path import NO_SPAN, Segment, critical_path
from reev_flow.analysis.path.flow_path import flow_path
from reev_flow.trace.semantics import REEV_GAP
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.forests import forests
from support.redraw import redraw
from support.told_causes import tell_causes

TWO_CHAINS = """
    run           ##############
      first-a     ######
      second-a    #######
      second-b           ###
      first-b             ######
"""
CHAINS_TOLD = {"first-a": [], "second-a": [], "first-b": ["first-a"], "second-b": ["second-a"]}


def told(trace: Trace, path: tuple[Segment, ...]) -> list[str]:
    return [
        f"{'nobody' if piece.position == NO_SPAN else trace.spans[piece.position].name} "
        f"{(piece.start_ns - trace.start_ns) // MS}-{(piece.end_ns - trace.start_ns) // MS}"
        for piece in path
    ]


def path_of(trace: Trace) -> list[str]:
    return told(trace, critical_path(trace))


def test_a_span_that_merely_outlived_the_cause_is_not_the_cause():
    trace = tell_causes(draw(TWO_CHAINS), after=CHAINS_TOLD, joined={"run": ["first-b", "second-b"]})
    assert path_of(trace) == ["first-a 0-6", "run 6-8", "first-b 8-14"]


def test_from_times_alone_it_looks_like_the_cause():
    assert path_of(draw(TWO_CHAINS)) == ["second-a 0-7", "run 7-8", "first-b 8-14"]


def test_a_task_that_nobody_waited_for_is_beside_the_path():
    trace = draw("""
        run         ########
          answer    ###
          log         #####
    """)
    assert path_of(tell_causes(trace, after={"answer": [], "log": []}, joined={"run": ["answer"]})) == [
        "answer 0-3",
        "run 3-8",
    ]


def test_what_came_after_nothing_waited_only_for_the_span_around_it():
    trace = draw("""
        run         ########
          log        ##
          answer         ###
    """)
    known = tell_causes(trace, after={"answer": [], "log": []}, joined={"run": ["answer"]})
    assert path_of(known) == ["run 0-5", "answer 5-8"]


def test_a_span_of_which_nothing_is_known_may_come_between():
    trace = draw("""
        run         #########
          search    ##
          select      ###
          answer         ####
    """)
    known = tell_causes(trace, after={"search": [], "answer": ["search"]}, joined={"run": ["answer"]})
    assert path_of(known) == ["search 0-2", "select 2-5", "answer 5-9"]


def test_a_span_of_which_nothing_is_known_is_no_cause_when_it_ended_before_what_is_known():
    trace = draw("""
        run         ######
          select    ##
          search     ##
          answer       ###
    """)
    known = tell_causes(trace, after={"search": [], "answer": ["search"]}, joined={"run": ["answer"]})
    assert path_of(known) == ["run 0-1", "search 1-3", "answer 3-6"]


def test_a_cause_of_no_duration_leads_on_to_what_it_waited_for():
    trace = draw("""
        run         ########
          fetch     ##
          other     ###
          mark         |
          answer        ####
    """)
    after = {"fetch": [], "other": [], "mark": ["fetch"], "answer": ["mark"]}
    assert path_of(tell_causes(trace, after=after, joined={"run": ["answer"]})) == [
        "fetch 0-2",
        "run 2-4",
        "answer 4-8",
    ]


def test_below_a_lie_the_times_are_asked():
    trace = draw("""
        run         ######
          search    ###
          answer       ###
    """)
    assert path_of(tell_causes(trace, after={"search": [], "answer": ["run"]})) == ["search 0-3", "answer 3-6"]


def test_a_time_in_which_nobody_ran_the_flow_leads_on_to_what_was_waited_for_before_it():
    trace = draw("""
        flow         ###############
          first-a    ####
          second-a    #####
          down             ####
          first-b              #####
    """)
    down = redraw(trace, "down", attributes={REEV_GAP: "down"})
    after = {"first-a": [], "second-a": [], "first-b": ["first-a"]}
    assert path_of(tell_causes(down, after=after, joined={"flow": ["first-b"]})) == [
        "first-a 0-4",
        "flow 4-6",
        "down 6-10",
        "first-b 10-15",
    ]


def test_a_question_is_waited_for_whether_or_not_somebody_ran_the_flow_meanwhile():
    trace = draw("""
        flow         ##########
          draft      ##
          approve      ######
          down           ##
          send               ##
    """)
    down = redraw(redraw(trace, "down", attributes={REEV_GAP: "down"}), "approve", attributes={REEV_GAP: "waiting"})
    after = {"draft": [], "approve": ["draft"], "send": ["approve"]}
    assert path_of(tell_causes(down, after=after, joined={"flow": ["send"]})) == [
        "draft 0-2",
        "approve 2-8",
        "send 8-10",
    ]


PARTS_OF_A_MISSING_RUN = """
    first-a     ######
    second-a    #######
    first-b             ######
"""


def test_parts_of_a_missing_run_follow_what_is_known_and_the_time_between_is_nobodys():
    trace = draw(PARTS_OF_A_MISSING_RUN)
    for name in ("first-a", "second-a", "first-b"):
        trace = redraw(trace, name, parent_id="missing")
    known = tell_causes(trace, after={"first-a": [], "second-a": [], "first-b": ["first-a"]})
    assert path_of(known) == ["first-a 0-6", "nobody 6-8", "first-b 8-14"]


def test_causes_hold_inside_infrastructure_that_is_left_out():
    trace = draw("""
        other:POST      ################
          first-a        ######
          second-a       #######
          first-b                ######
    """)
    known = tell_causes(trace, after={"first-a": [], "second-a": [], "first-b": ["first-a"]})
    assert told(known, flow_path(known)) == ["first-a 1-7", "nobody 7-9", "first-b 9-15"]


def test_what_waited_for_infrastructure_waited_for_the_operation_inside():
    trace = draw("""
        run                 ################
          other:call        ######
            tool:search     #####
          tool:weather      #######
          answer                    ########
    """)
    after = {"call": [], "search": [], "weather": [], "answer": ["call"]}
    known = tell_causes(trace, after=after, joined={"run": ["answer"], "call": ["search"]})
    assert told(known, flow_path(known)) == ["search 0-5", "run 5-8", "answer 8-16"]


def test_what_starts_inside_infrastructure_waited_for_what_that_waited_for():
    trace = draw("""
        run                 ################
          tool:search       #####
          tool:weather      #######
          other:call               #########
            answer                  ########
    """)
    after = {"search": [], "weather": [], "call": ["search"], "answer": []}
    known = tell_causes(trace, after=after, joined={"run": ["call"], "call": ["answer"]})
    assert told(known, flow_path(known)) == ["search 0-5", "run 5-8", "answer 8-16"]


def test_infrastructure_that_holds_no_operation_leads_on_to_what_it_waited_for():
    trace = draw("""
        run                 ################
          tool:search       #####
          tool:weather      #######
          other:save              ##
          answer                    ########
    """)
    after = {"search": [], "weather": [], "save": ["search"], "answer": ["save"]}
    known = tell_causes(trace, after=after, joined={"run": ["answer"]})
    assert told(known, flow_path(known)) == ["search 0-5", "run 5-8", "answer 8-16"]


@given(forests())
def test_a_trace_that_tells_nothing_and_one_that_tells_only_nonsense_have_the_same_path(trace: Trace):
    nonsense = tell_causes(
        trace,
        after={span.name: ["nobody"] for span in trace.spans},
        joined={span.name: ["nobody"] for span in trace.spans},
    )
    assert critical_path(nonsense) == critical_path(trace)
