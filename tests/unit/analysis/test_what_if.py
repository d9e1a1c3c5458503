"""How long a run would have taken, and why it could come otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.replay.what_if import what_if
from reev_flow.errors import NoSuchOperation
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.forests import forests
from support.told_causes import tell_causes

LOOKED_UP = """
    plan        ##########
      search    ###
      weather   ####
      answer        ######
"""


@pytest.mark.parametrize(
    ("changes", "duration_ms"),
    [
        (["answer=2x"], 7),
        (["search=2x"], 10),
        (["weather=2x"], 9),
        (["weather=0", "search=0"], 6),
        (["weather=+3ms"], 13),
        (["plan=2x"], 5),
        (["plan=2x", "answer=0"], 2),
        (["answer=2x", "answer=+1ms"], 8),
        (["answer=2x", "answer=3x"], 5),
        (["answer=80ms", "answer=2x"], 44),
        (["answer=2x", "answer=80ms"], 84),
        ([], 10),
    ],
)
def test_the_run_becomes_as_long_as_what_it_waits_for(changes: list[str], duration_ms: int):
    assert what_if(draw(LOOKED_UP), changes).duration_ns == duration_ms * MS


def test_a_prediction_tells_before_and_after_and_of_every_span():
    foretold = what_if(draw(LOOKED_UP), ["answer=2x"])
    assert (foretold.before_ns, foretold.saved_ns, foretold.changed) == (10 * MS, 3 * MS, (3,))
    assert foretold.span_durations_ns == (7 * MS, 3 * MS, 4 * MS, 3 * MS)


SERVED = """
    other:POST               ##########
      agent:planner           ######
        tool:search            ####
          other:query           ##
      other:receive           #########
"""


def test_infrastructure_that_ends_late_hides_no_saving():
    foretold = what_if(draw(SERVED), ["search=2x"])
    assert (foretold.before_ns, foretold.duration_ns) == (10 * MS, 8 * MS)


def test_only_operations_are_replayed():
    foretold = what_if(draw(SERVED), ["search=2x"])
    assert (foretold.replayed, foretold.replayed_ns) == ((1, 2), 6 * MS)
    assert foretold.span_durations_ns == (None, 4 * MS, 2 * MS, None, None)


def test_infrastructure_that_a_change_names_is_replayed_with_the_operations():
    foretold = what_if(draw(SERVED), ["query=2x"])
    assert (foretold.replayed, foretold.changed, foretold.saved_ns) == ((1, 2, 3), (3,), 1 * MS)


def test_infrastructure_called_like_an_operation_is_left_out():
    trace = draw("""
        other:search      ########
          tool:search       ####
    """)

    assert what_if(trace, ["search=2x"]).changed == (1,)


def test_a_trace_of_nothing_but_infrastructure_is_taken_whole():
    trace = draw("""
        other:POST      ####
          other:query    ##
    """)

    assert what_if(trace, ["query=2x"]).saved_ns == 1 * MS


def test_what_nobody_recorded_is_said_to_be_guessed():
    foretold = what_if(draw(LOOKED_UP), ["answer=2x"])
    assert (foretold.is_guess, foretold.guessed) == (True, 4)


def test_a_name_that_nothing_has_is_an_error():
    with pytest.raises(NoSuchOperation):
        what_if(draw(LOOKED_UP), ["answer=2x", "flights=2x"])


@given(forests(), st.sampled_from(["=2x", "=0", "=-3ns", "=0.5x", "=+7ns", "=9ns"]))
def test_no_forest_is_too_odd(trace: Trace, amount: str):
    assert what_if(trace, [f"{trace.spans[0].label}{amount}"] if trace.spans[0].label else []).duration_ns >= 0


def test_a_change_that_keeps_the_order_warns_of_nothing():
    assert what_if(draw(LOOKED_UP), ["answer=2x"]).warnings == ()


def test_an_order_that_flips_is_warned_of():
    (warning,) = what_if(draw(LOOKED_UP), ["weather=2x"]).warnings
    assert warning.startswith("'weather' would be done before 'search', which was done first")


TOGETHER = """
    plan        ##########
      search    ###
      weather   ####
      answer        ######
"""


def test_an_order_is_no_matter_where_it_was_recorded_that_both_were_waited_for():
    after = {"search": [], "weather": [], "answer": ["search", "weather"]}
    known = tell_causes(draw(TOGETHER), after=after, joined={"plan": ["answer"]})
    assert what_if(known, ["weather=2x"]).warnings == ()


def test_nothing_is_guessed_of_a_run_that_tells_everything():
    after = {"search": [], "weather": [], "answer": ["search", "weather"]}
    known = tell_causes(draw(TOGETHER), after=after, joined={"plan": ["answer"]})
    assert not what_if(known, ["weather=2x"]).is_guess


def test_an_order_matters_where_only_the_first_was_waited_for():
    after = {"search": [], "weather": [], "answer": ["search"]}
    known = tell_causes(draw(TOGETHER), after=after, joined={"plan": ["answer"]})
    assert "'weather' would be done before 'search'" in what_if(known, ["weather=4x"]).warnings[0]


def test_an_order_matters_though_the_last_before_was_waited_for_together():
    trace = draw("""
        plan        ##############
          search    ###
          weather   ########
          read         ###
          answer            ######
    """)
    after = {"search": [], "weather": [], "read": ["search"], "answer": ["weather", "read"]}
    known = tell_causes(trace, after=after, joined={"plan": ["answer"]})
    (warning,) = what_if(known, ["weather=0"]).warnings
    assert warning.startswith("'weather' would be done before 'search', which was done first")


LOCKED = """
    plan        ##########
      holder    ####
      waiter        ####
"""


OUTLIVED = """
    plan            ############
      agent:helper  ####
        task        ########
      other             ##
      answer                ####
"""


def test_what_began_as_soon_as_a_task_had_ended_that_outlived_its_maker_may_have_waited_for_it():
    (warning,) = what_if(draw(OUTLIVED), ["task=2x"]).warnings
    assert warning == (
        "'answer' began as soon as 'task' had ended; if it waited for that, as for a task that outlives 'helper', nobody recorded it, and it "
        "would come otherwise."
    )


def test_what_began_as_soon_as_a_child_had_ended_within_its_maker_is_left_to_the_guess():
    assert what_if(draw(OUTLIVED.replace("helper  ####", "helper  ########")), ["other=2x"]).warnings == ()


def test_what_began_as_soon_as_another_had_ended_may_have_waited_for_it_unseen():
    known = tell_causes(draw(LOCKED), after={"holder": [], "waiter": []}, joined={"plan": ["holder", "waiter"]})
    (warning,) = what_if(known, ["holder=2x"]).warnings
    assert warning.startswith("'waiter' began as soon as 'holder' had ended")


def test_what_is_recorded_to_have_waited_is_not_said_to_have_waited_unseen():
    known = tell_causes(draw(LOCKED), after={"holder": [], "waiter": ["holder"]}, joined={"plan": ["waiter"]})
    assert what_if(known, ["holder=2x"]).warnings == ()


def test_a_wait_that_nobody_saw_is_not_told_where_the_change_leaves_both_as_they_were():
    known = tell_causes(draw(LOCKED), after={"holder": [], "waiter": []}, joined={"plan": ["holder", "waiter"]})
    assert what_if(known, ["waiter=2x"]).warnings == ()


def test_calls_that_change_places_are_told_by_their_one_name():
    trace = draw("""
        plan       ######
          fetch    ###
          fetch    ####
            page   ####
          answer       ##
    """)

    (warning,) = what_if(trace, ["page=-2ms"]).warnings
    assert warning.startswith("Two calls of 'fetch' would be done in the other order")


RACE = """
    plan        ########
      fast      ####
      slow      !!!!        error=CancelledError
      answer        ####
"""


@pytest.mark.parametrize("change", ["slow=2x", "fast=+2ms"])
def test_a_race_that_another_could_win_is_warned_of(change: str):
    (warning,) = what_if(draw(RACE), [change]).warnings
    assert warning == "'slow' was cancelled after 4.00 ms because 'fast' was done first; with this change it might win."


def test_a_race_that_is_won_sooner_is_no_worry():
    assert what_if(draw(RACE), ["fast=2x"]).warnings == ()


def test_a_timeout_that_might_not_strike_is_warned_of():
    trace = draw("""
        plan        #######
          search    !!!!       error=TimeoutError
          answer        ###
    """)

    assert (
        "'search' timed out after 4.00 ms; with this change it might not" in what_if(trace, ["search=2x"]).warnings[0]
    )


def test_a_timeout_that_would_strike_is_warned_of():
    trace = draw("""
        plan        #########
          search    !!!!         error=TimeoutError
          pause         |
          search        ##
          fetch           ###
    """)

    warnings = what_if(trace, ["search=+2ms"]).warnings
    assert "'search' would take 4.00 ms, and timed out once after 4.00 ms." in warnings


def test_a_try_that_might_not_be_needed_is_warned_of():
    trace = draw("""
        plan        ########
          fetch     !!!        error=ConnectionError
          fetch         ####
    """)

    assert what_if(trace, ["fetch=2x"]).warnings == (
        "'fetch' failed and was tried again; with this change it might not fail, or fail otherwise.",
    )


def test_what_was_not_changed_is_not_warned_of():
    trace = draw("""
        plan        ###########
          fetch     !!!           error=TimeoutError
          fetch        ####
          answer           ####
    """)

    assert what_if(trace, ["answer=2x"]).warnings == ()


def test_many_warnings_of_a_kind_are_counted():
    lines = ["plan    " + "#" * 40]
    lines += [f"  fetch{number}  {' ' * 4 * number}!!!!  error=TimeoutError" for number in range(6)]
    warnings = what_if(draw("\n".join(lines)), ["plan=2x"]).warnings
    assert warnings[-1] == "3 more warnings of this kind are left out."
