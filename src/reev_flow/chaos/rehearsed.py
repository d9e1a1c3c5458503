"""What is run again and again, and how."""

from collections.abc import Mapping
from typing import Any

import msgspec

from reev_flow.chaos.cast import Casting
from reev_flow.chaos.points import Fault
from reev_flow.flows.code import Flow

SESSION_ID = "chaos"


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """`workers` is how many go on at once with what was left, every other time. `times` is how many workers die in all: the first at the
    point, others where the seed says. `seconds` is how long one of them may take.
    """

    flow: Flow[Any, Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = {}
    casting: Casting = Casting()
    answers: Mapping[str, Any] = {}
    fault: Fault = Fault.KILL
    workers: int = 1
    times: int = 1
    seed: int = 0
    seconds: int = 30
