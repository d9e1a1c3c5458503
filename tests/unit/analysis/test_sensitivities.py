"""Which operations pay when they get faster."""

import msgspec
from hypothesis import given

from reev_flow.analysis.replay.flow_schedule import FlowSchedule
from reev_flow.analysis.replay.schedule import Schedule, Times
from reev_flow.analysis.replay.sensitivities import sensitivities
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.forests import forests

FINE = 1_000_000


def test_what_nothing_waited_for_pays_nothing():
    found = {one.label: one.saved_per_ns for one in sensitivities(looked_up())}
    assert found == {"weather": 1.0, "answer": 1.0, "plan": 1.0}


def test_what_has_most_time_of_its_own_comes_first():
    assert [(one.label, one.own_ns // MS) for one in sensitivities(looked_up())] == [
        ("answer", 5),
        ("weather", 4),
        ("plan", 1),
    ]


def test_of_many_calls_only_those_count_that_were_waited_for():
    trace = draw("""
        plan        ########
          search    ##
          search    ####
          search        ####
    """)

    (search, _) = sensitivities(trace)
    assert (search.calls, search.total_ns, search.waited_ns) == (3, 10 * MS, 8 * MS)


def test_of_two_that_decide_together_neither_pays_alone():
    trace = draw("""
        plan        ####
          search    ####
          weather   ####
    """)

    assert [one.label for one in sensitivities(trace)] == ["plan"]


def test_own_parts_of_the_chain_add_up_to_the_run():
    assert sum(one.own_ns for one in sensitivities(looked_up())) == looked_up().duration_ns


@given(forests())
def test_each_is_what_a_tiny_change_saves(unnamed: Trace):
    spans = [msgspec.structs.replace(span, name="abc"[int(span.span_id) % 3]) for span in unnamed.spans]
    trace = msgspec.structs.replace(unnamed, spans=tuple(spans))
    flow = FlowSchedule.of(trace)
    fine = magnified(flow.schedule)
    for one in sensitivities(trace, flow):
        covered, durations = 0, {}
        for position, span in enumerate(trace.spans):
            if span.label == one.label and position >= covered:
                covered = trace.subtree_ends[position]
                durations[position] = span.duration_ns * (FINE - 1)
        assert fine.times.duration_ns - fine.replay(durations).duration_ns == one.waited_ns


def magnified(schedule: Schedule) -> Schedule:
    was = schedule.times
    return schedule.retimed(
        Times([start * FINE for start in was.starts_ns], [end * FINE for end in was.ends_ns], was.began_ns * FINE)
    )


def looked_up() -> Trace:
    return draw("""
        plan        ##########
          search    ###
          weather   ####
          answer        #####
    """)
