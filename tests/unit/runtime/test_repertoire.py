"""Which code a worker takes for a session."""

from typing import Any

import pytest

from reev_flow.errors import SessionError
from reev_flow.flows.code import Flow
from reev_flow.flows.plans.executor import FlowExecutor
from reev_flow.runtime.repertoire import Repertoire
from support.sessions import new_session


def pay(session: Any) -> None:
    """A flow."""


def run_step(step: Any, context: Any) -> None:
    """Runs steps."""


def run_it_otherwise(step: Any, context: Any) -> None:
    """Runs them, too."""


paying = Flow(pay)


def of(flow: str, *, entry_point: str = "", definition: bytes = b"") -> Any:
    return new_session(flow=flow, entry_point=entry_point, definition=definition)


def test_a_flow_is_found_by_its_name_wherever_its_code_was():
    repertoire = Repertoire([paying])
    assert repertoire.code_for(of("pay", entry_point="where.it.was:pay")) is paying
    assert repertoire.code_for(of("lend")) is None


def test_a_plan_that_is_called_like_a_flow_is_none():
    assert Repertoire([paying]).code_for(of("pay", definition=b"a plan")) is None


@pytest.mark.parametrize("code", [run_step, FlowExecutor(run_step)], ids=["function", "executor"])
def test_the_only_one_that_runs_steps_does_so_for_every_plan(code: Any):
    assert Repertoire([paying, code]).code_for(of("trip", entry_point="elsewhere:run", definition=b"a plan")) is code


def test_of_several_that_run_steps_each_has_the_plans_that_were_begun_with_it():
    repertoire = Repertoire([run_it_otherwise, run_step])
    mine = next(iter(repertoire._runners))
    assert repertoire.code_for(of("trip", entry_point=mine, definition=b"a plan")) is run_it_otherwise
    assert repertoire.code_for(of("trip", entry_point="elsewhere:run", definition=b"a plan")) is None


def test_two_flows_of_one_name_are_refused():
    with pytest.raises(SessionError, match="two flows are called 'pay'"):
        Repertoire([paying, Flow(run_step, name="pay")])
    Repertoire([paying, paying])
