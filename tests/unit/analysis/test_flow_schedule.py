"""What the operations of a run waited for, infrastructure left out."""

from collections.abc import Mapping, Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.replay.flow_schedule import FlowSchedule
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.forests import forests
from support.told_causes import tell_causes

SERVED = """
    other:POST               ##########
      agent:planner           ######
        tool:search            ##
        tool:answer              ###
          other:query            ##
      other:receive           #########
"""


def test_operations_are_replayed_by_their_positions_in_the_whole():
    flow = FlowSchedule.of(draw(SERVED))
    assert (flow.times.duration_ns, flow.replay({2: 0}).duration_ns) == (6 * MS, 4 * MS)


def test_with_infrastructure_the_operations_in_it_shrink_in_proportion():
    flow = FlowSchedule.of(draw(SERVED))
    assert flow.replay({0: 5 * MS}).duration_ns == 3 * MS


def test_infrastructure_without_operations_changes_nothing():
    flow = FlowSchedule.of(draw(SERVED))
    assert flow.replay({4: 0}).duration_ns == 6 * MS


def test_all_that_was_waited_for_through_infrastructure_counts():
    known = tell_causes(
        draw("""
            flow:plan             ###########
              other:together      #####
                tool:search       ###
                tool:weather      ####
              llm:answer               ######
        """),
        after={"together": [], "search": [], "weather": [], "answer": ["together"]},
        joined={"together": ["search", "weather"], "plan": ["answer"]},
    )

    assert FlowSchedule.of(known).replay({3: 0}).duration_ns == 10 * MS


def test_what_began_after_infrastructure_without_operations_waited_for_what_that_waited_for():
    known = tell_causes(
        draw("""
            flow:plan          ########
              tool:search      ###
              other:parse         #
              tool:log         ####
              llm:answer           ####
        """),
        after={"search": [], "parse": ["search"], "log": [], "answer": ["parse"]},
        joined={"plan": ["answer"]},
    )

    assert FlowSchedule.of(known).replay({1: 0}).duration_ns == 5 * MS


def test_slack_and_drag_are_those_of_operations():
    analysis = SpanAnalysis(draw(SERVED))
    assert analysis.slack_ns == {1: 0, 2: 0, 3: 0}
    assert analysis.drag_ns == {1: 6 * MS, 2: 2 * MS, 3: 3 * MS}


@given(forests(), st.data())
def test_unchanged_every_operation_comes_out_as_it_was_recorded(plain: Trace, data: st.DataObject):
    trace = with_infrastructure(plain, data)
    flow = FlowSchedule.of(tell_causes(trace, after=told(trace, data), joined=told(trace, data)))
    assert flow.replay({}) == flow.times


def with_infrastructure(trace: Trace, data: st.DataObject) -> Trace:
    kinds = data.draw(
        st.lists(st.sampled_from([Operation.OTHER, Operation.TOOL]), min_size=len(trace), max_size=len(trace))
    )
    spans = [
        msgspec.structs.replace(span, operation=kind, name=span.span_id)
        for span, kind in zip(trace.spans, kinds, strict=True)
    ]
    return msgspec.structs.replace(trace, spans=tuple(spans))


def told(trace: Trace, data: st.DataObject) -> Mapping[str, Sequence[str]]:
    names = st.sampled_from([span.name for span in trace.spans])
    return data.draw(st.dictionaries(names, st.lists(names, max_size=3), max_size=len(trace)))
