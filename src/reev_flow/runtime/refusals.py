"""Errors that say that the code which runs cannot go on with the session, however the flow passed them on."""

from reev_flow.errors import InvalidStep, PlanRefused, StepChanged
from reev_flow.values.refusal import UnreadableValue

NOT_THE_FLOWS = (StepChanged, PlanRefused, InvalidStep, UnreadableValue)
"""The code is not what the session began with, or cannot be run again as it is: once it is put right, the session goes on."""


def refusal_in(error: Exception) -> Exception | None:
    """The error itself, else one of its group, as task groups raise them, or what it was raised from."""
    seen: set[int] = set()
    todo: list[BaseException] = [error]
    for one in todo:  # grows meanwhile
        if isinstance(one, NOT_THE_FLOWS):
            return one
        seen.add(id(one))
        inner = [*(one.exceptions if isinstance(one, BaseExceptionGroup) else ()), one.__cause__ or one.__context__]
        todo += [each for each in inner if each is not None and id(each) not in seen]
    return None
