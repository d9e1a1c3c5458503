"""How what a step raised is kept, and raised again after a restart as it was raised the first time."""

from typing import Any

from reev_flow.errors import StepFailed
from reev_flow.flows.places import loaded_module, place_of
from reev_flow.sessions.records import Failure
from reev_flow.values.tagged import decode, encode

LONGEST_MESSAGE = 10_000


def failure_of(error: Exception, *, retry_ns: int | None = None) -> Failure:
    """Not final when it is to be tried again at `retry_ns`. Without arguments when the error could not be made again from them."""
    arguments = _arguments_of(error)
    failure = Failure(
        kind=_name_of(type(error)),
        message=message_of(error),
        arguments=arguments,
        is_final=retry_ns is None,
        retry_ns=retry_ns,
    )
    return failure if _is_rebuilt_by(failure, error) else _without_arguments(failure)


def raised_again(failure: Failure, session_id: str, step: str) -> Exception:
    """The error itself when its class is still there and makes an equal one; otherwise `StepFailed`, which tells about it."""
    rebuilt = _rebuild(failure)
    if rebuilt is not None:
        return rebuilt
    return StepFailed(session_id, step, failure.kind, failure.message)


def as_raised(error: Exception, failure: Failure, session_id: str, step: str) -> Exception:
    """What the first run raises: the very error if a later run can raise an equal one, else what the later run will raise."""
    if _rebuild(failure) is not None:
        return error
    told = raised_again(failure, session_id, step)
    told.__cause__ = error
    return told


def message_of(error: BaseException) -> str:
    """As much of it as is kept. Half characters, as in names of files that are not UTF-8, are shown escaped."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - as below
        text = "(it cannot say what)"
    return text[:LONGEST_MESSAGE].encode("utf-8", "backslashreplace").decode()


def _arguments_of(error: Exception) -> bytes:
    """What pickle would make it of: not every error keeps that in `args` (a file's name is not among those of an OSError)."""
    try:
        made = error.__reduce__()
        return encode(list(made[1])) if isinstance(made, tuple) and made[0] is type(error) else b""
    except Exception:  # noqa: BLE001 - as above
        return b""


def _is_rebuilt_by(failure: Failure, error: Exception) -> bool:
    rebuilt = _rebuild(failure)
    try:
        return rebuilt is not None and bool(rebuilt.args == error.args and _facts(rebuilt) == _facts(error))
    except Exception:  # noqa: BLE001 - as above; some values cannot be compared
        return False


def _facts(error: Exception) -> dict[str, Any]:
    return {name: value for name, value in vars(error).items() if name != "__notes__"}


def _rebuild(failure: Failure) -> Exception | None:
    """Only from classes that are loaded: a journal does not get to import anything."""
    kind = _find_class(failure.kind)
    if kind is None or not failure.arguments:
        return None
    try:
        rebuilt = kind(*decode(failure.arguments))
        return rebuilt if message_of(rebuilt) == failure.message else None
    except Exception:  # noqa: BLE001 - the class is the user's; whatever it does, it does not make an equal error
        return None


def _find_class(name: str) -> type[Exception] | None:
    place, _, qualname = name.rpartition(":")
    found: Any = loaded_module(place)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, type) and issubclass(found, Exception) else None


def _name_of(kind: type[Exception]) -> str:
    return f"{place_of(kind.__module__)}:{kind.__qualname__}"


def _without_arguments(failure: Failure) -> Failure:
    return Failure(kind=failure.kind, message=failure.message, is_final=failure.is_final, retry_ns=failure.retry_ns)
