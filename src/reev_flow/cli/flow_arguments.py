"""What `--arg` and `--arguments` say, as the arguments of a flow."""

import inspect
import typing
from collections.abc import Sequence
from typing import Any

import msgspec

from reev_flow.errors import ReevFlowError
from reev_flow.flows.code import Flow
from reev_flow.runtime.manager import SessionManager

BY_NAME = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
RESERVED = frozenset(inspect.signature(SessionManager.run).parameters)


class WrongArgument(ReevFlowError):
    """An argument that the flow cannot be given."""

    def __init__(self, flow: str, details: str, parameters: Sequence[str]) -> None:
        super().__init__(flow, details, parameters)
        self.flow = flow
        self.details = details
        self.parameters = tuple(parameters)

    def __str__(self) -> str:
        wanted = ", ".join(self.parameters) or "nothing"
        return f"flow {self.flow!r}: {self.details}; it takes {wanted}, as --arg name=value or --arguments JSON"


def arguments_of(
    flow: Flow[Any, Any], named: Sequence[str], whole: str | None
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Values are JSON, else text, and what the flow's annotations make of them. `whole` is a JSON object, or a list in order.

    They are given by name where that is possible: so they are read best later.
    """
    signature = inspect.signature(flow.function)
    parameters = list(signature.parameters.values())[1:]  # the first is the session
    shown = [str(parameter) for parameter in parameters]
    hints = _hints(flow)
    try:
        in_order, by_name = _given(named, whole)
        bound = signature.replace(parameters=parameters).bind(*in_order, **by_name)
        for name, value in bound.arguments.items():
            bound.arguments[name] = _fitting(name, value, hints.get(name), signature.parameters[name].kind)
    except (TypeError, ValueError) as error:
        raise WrongArgument(flow.name, str(error), shown) from error
    if any(parameter.kind not in BY_NAME or name in RESERVED for name, parameter in signature.parameters.items()):
        return bound.args, bound.kwargs
    return (), bound.arguments


class _Text(str):
    """What was written on the command line, which may be JSON."""

    __slots__ = ()


def _given(named: Sequence[str], whole: str | None) -> tuple[list[Any], dict[str, Any]]:
    in_order: list[Any] = []
    by_name: dict[str, Any] = {}
    if whole is not None:
        try:
            value = msgspec.json.decode(whole)
        except msgspec.DecodeError as error:
            raise ValueError(f"--arguments is not JSON ({error})") from error
        if isinstance(value, dict):
            by_name = value
        elif isinstance(value, list):
            in_order = value
        else:
            raise ValueError("--arguments is neither a JSON object nor a list")
    for one in named:
        name, is_named, text = one.partition("=")
        if not is_named or not name:
            raise ValueError(f"--arg {one!r} is not of the form name=value")
        if name in by_name:
            raise ValueError(f"{name!r} is given twice")
        by_name[name] = _Text(text)
    return in_order, by_name


def _fitting(name: str, value: Any, hint: Any, kind: Any) -> Any:
    """What was written is read as JSON if the flow can take that, else as text."""
    if kind in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
        each = value.items() if isinstance(value, dict) else enumerate(value)
        fitting = {key: _fitting(name, one, hint, None) for key, one in each}
        return fitting if isinstance(value, dict) else tuple(fitting.values())
    if not isinstance(value, _Text):
        return _converted(name, value, hint)
    text = str(value)
    try:
        return _converted(name, msgspec.json.decode(text), hint)
    except (msgspec.DecodeError, ValueError):
        return _converted(name, text, hint)


def _converted(name: str, value: Any, hint: Any) -> Any:
    if hint is None:
        return value
    try:
        return msgspec.convert(value, hint, dec_hook=_as_model)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {error}") from error
    except TypeError:  # a type that only the flow knows how to make
        return value


def _as_model(kind: Any, value: Any) -> Any:
    """Pydantic models; other classes take only what they are already."""
    validate = getattr(kind, "model_validate", None)
    if validate is None:
        raise ValueError(f"a {kind.__name__} cannot be made of {type(value).__name__}")
    return validate(value)


def _hints(flow: Flow[Any, Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(inspect.unwrap(flow.function), include_extras=True)
    except (NameError, TypeError, AttributeError):
        return {}
