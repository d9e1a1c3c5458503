"""The path over operations alone."""

from itertools import pairwise

from hypothesis import given

from reev_flow.analysis.path.critical_path import critical_path
from reev_flow.analysis.path.flow_path import flow_path
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.forests import forests


def path_of(trace: Trace) -> list[str]:
    return [
        f"{trace.spans[piece.position].name if piece.position >= 0 else 'nobody'} {(piece.start_ns - trace.start_ns) // MS}-"
        f"{(piece.end_ns - trace.start_ns) // MS}"
        for piece in flow_path(trace)
    ]


def test_infrastructure_is_credited_to_the_operation_it_served():
    trace = draw("""
        agent:planner     ##########
          tool:search      #######
            other:POST      ####
              other:dns     #
          other:cleanup            #
    """)
    assert path_of(trace) == ["planner 0-1", "search 1-8", "planner 8-10"]


def test_waiting_for_the_client_to_hang_up_is_not_what_took_the_time():
    trace = draw("""
        other:POST                ##########
          agent:planner            ########
            llm:gpt                #####
            tool:search                 ###
          other:receive            #########
    """)
    assert path_of(trace) == ["gpt 1-6", "search 6-9"]


def test_an_operation_below_infrastructure_that_ended_early_is_on_the_path():
    trace = draw("""
        agent:planner           ##########
          other:start_task      #
            tool:search          ########
    """)
    assert path_of(trace) == ["planner 0-1", "search 1-9", "planner 9-10"]


def test_the_path_begins_with_the_first_operation_and_ends_with_the_last():
    trace = draw("""
        other:POST        ##########
          llm:gpt          ##
          llm:gpt              ###
    """)
    assert path_of(trace) == ["gpt 1-3", "nobody 3-5", "gpt 5-8"]


def test_a_trace_of_nothing_but_infrastructure_has_one_path():
    trace = draw("""
        other:POST    ####
          other:dns    #
    """)
    assert flow_path(trace) == critical_path(trace)


@given(forests())
def test_the_path_sums_to_the_time_from_the_first_operation_to_the_last(trace: Trace):
    operations = [span for span in trace.spans if span.operation is not Operation.OTHER] or trace.spans
    whole_ns = max(span.end_ns for span in operations) - min(span.start_ns for span in operations)
    path = flow_path(trace)
    assert sum(piece.duration_ns for piece in path) == whole_ns
    assert all(earlier.end_ns <= later.start_ns for earlier, later in pairwise(path))
