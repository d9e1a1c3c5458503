"""RF402: a step of a session was interrupted, and nobody knows whether it happened."""

import pytest

from support.findings import found

IN_DOUBT = """
    flow:trip                     ##############   state=interrupted
      step:charge                 !!!              step=trip/charge#1 attempt=1 effect=ask outcome=interrupted
"""


def test_an_interrupted_step_that_nobody_settled_is_found():
    (finding,) = found("RF402", IN_DOUBT)
    assert finding.message == "charge was interrupted, and nobody has said whether it happened"
    assert finding.evidence == ("0000000000000002",)


def test_it_can_still_be_settled_while_its_session_is_not_over():
    (finding,) = found("RF402", IN_DOUBT)
    assert "how to settle it" in finding.advice


@pytest.mark.parametrize("state", ["failed", "cancelled", "timed_out", "completed"])
def test_nothing_will_settle_it_once_its_session_is_over(state: str):
    (finding,) = found("RF402", IN_DOUBT.replace("state=interrupted", f"state={state}"))
    assert "nothing will settle it" in finding.advice


@pytest.mark.parametrize("effect", ["ask", "fail", "probe"])
def test_whatever_was_declared_but_that_it_may_run_again(effect: str):
    assert len(found("RF402", IN_DOUBT.replace("effect=ask", f"effect={effect}"))) == 1


SILENT = {
    "it may be run again": IN_DOUBT.replace("effect=ask", "effect=rerun"),
    "it happened": IN_DOUBT.replace("outcome=interrupted", "outcome=interrupted settled=happened"),
    "it did not happen": IN_DOUBT.replace("outcome=interrupted", 'outcome=interrupted settled="not happened"'),
    "it still runs": IN_DOUBT.replace("outcome=interrupted", "outcome=running"),
    "it failed": IN_DOUBT.replace("outcome=interrupted", "outcome=failed"),
    "it was tried again": IN_DOUBT
    + "      step:charge                     ###          step=trip/charge#1 attempt=2 effect=ask outcome=finished\n",
    "a span of somebody else was interrupted": """
        agent:planner                 ##############
          tool:charge                 !!!              error="interrupted"
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_when(picture: str):
    assert found("RF402", picture) == []
