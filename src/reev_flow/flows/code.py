"""Flows that are ordinary code, and how their code is found again by another process."""

import functools
import importlib
import importlib.util
import inspect
import sys
import typing
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Generic, ParamSpec, TypeVar, overload

from reev_flow.errors import UnknownFlow
from reev_flow.flows.blocking import BlockingSession
from reev_flow.flows.effects import OnInterrupt
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.places import place_of

P = ParamSpec("P")
R = TypeVar("R")

DIGEST_BYTES = 16


class Flow(Generic[P, R]):
    """A function that is given a session and runs its steps in it.

    Called with a session of its own, as a manager does, or from within another flow: then its steps are a branch of that flow.
    """

    def __init__(self, function: Callable[P, R], *, name: str = "", on_interrupt: OnInterrupt = "ask") -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = name or getattr(function, "__name__", "flow")
        self.on_interrupt = on_interrupt
        self.entry_point = entry_point_of(function)
        self.digest = code_digest(function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        session = args[0] if args else None
        if isinstance(session, BlockingSession):
            with session.branch(self.name):
                return self.function(*args, **kwargs)
        if isinstance(session, SessionHandle) and inspect.iscoroutinefunction(self.function):
            return self._inside(session, args, kwargs)  # type: ignore[return-value]  # a coroutine, as the function's own
        return self.function(*args, **kwargs)

    async def _inside(self, session: SessionHandle, args: Any, kwargs: Any) -> Any:
        with session.branch(self.name):
            return await self.function(*args, **kwargs)  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"<flow {self.name} ({self.entry_point})>"


@overload
def flow(function: Callable[P, R], /) -> Flow[P, R]: ...


@overload
def flow(*, name: str = "", on_interrupt: OnInterrupt = "ask") -> Callable[[Callable[P, R]], Flow[P, R]]: ...


def flow(function: Callable[..., Any] | None = None, /, *, name: str = "", on_interrupt: OnInterrupt = "ask") -> Any:
    """Makes a durable flow of a function whose first parameter is the session.

    `name` is what people call it, that of the function unless given; `on_interrupt` is for those of its steps that do not say it
    themselves. Run it with `await manager.run(the_flow, …)`.
    """
    if function is None:
        return functools.partial(Flow, name=name, on_interrupt=on_interrupt)
    return Flow(function, name=name, on_interrupt=on_interrupt)


def parameters_of(function: Callable[..., Any]) -> object:
    """A union of what its parameters are annotated with, for storing its arguments; None when nothing is said."""
    inner = inspect.unwrap(function)
    try:
        hints = typing.get_type_hints(inner, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return None
    said = [hint for name, hint in hints.items() if name != "return" and hint is not SessionHandle]
    return typing.Union[tuple(said)] if said else None  # noqa: UP007 - a union of what was collected


def entry_point_of(function: Callable[..., Any]) -> str:
    """`module:qualname`; for a script the path of its file stands for the module."""
    qualname = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{place_of(getattr(function, '__module__', '') or '')}:{qualname}"


def find_flow(entry_point: str) -> Any:
    """What `module:qualname` or `path/to/file.py:qualname` names; imports the module. Raises `UnknownFlow`."""
    place, _, qualname = entry_point.rpartition(":")
    if not place or not qualname:
        raise UnknownFlow(entry_point, "not of the form module:name")
    found: Any = _module(entry_point, place)
    for part in qualname.split("."):
        if not hasattr(found, part):
            raise UnknownFlow(entry_point, f"{place} has no {qualname}")
        found = getattr(found, part)
    return found


def _module(entry_point: str, place: str) -> ModuleType:
    try:
        return _load_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    except ImportError as error:
        raise UnknownFlow(entry_point, f"it cannot be imported ({error})") from error
    except Exception as error:
        raise UnknownFlow(entry_point, f"importing it failed ({type(error).__name__}: {error})") from error


def _load_file(path: Path) -> ModuleType:
    path = path.resolve()
    main = sys.modules["__main__"]
    if getattr(main, "__file__", None) and Path(str(main.__file__)).resolve() == path:
        return main
    for known in (sys.modules.get(path.stem), sys.modules.get(str(path))):
        if getattr(known, "__file__", None) == str(path):
            return known  # type: ignore[return-value]  # only a module has a file
    name = _module_name(path)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImportError(f"no file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _module_name(path: Path) -> str:
    """What `import` calls the file, or would if it found it. A file of a name that leads elsewhere is called by its path, so that it
    takes nobody's place: not that of a module that is loaded, nor of one that somebody may still import.
    """
    name = path.stem
    if not name.isidentifier() or name in sys.modules:
        return str(path)
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return str(path)
    is_free = found is None or (found.origin is not None and Path(found.origin).resolve() == path)
    return name if is_free else str(path)


def code_digest(function: Callable[..., Any]) -> bytes:
    """Of what the function does, not of how it is written: comments do not count. Only digests of one Python version can be compared, so
    the version is a part of it. Empty for what has no code of its own.
    """
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return b""
    whole = blake2b(digest_size=DIGEST_BYTES)
    for part in _parts_of(code):
        whole.update(len(part).to_bytes(4, "big") + part)
    return bytes(sys.version_info[:2]) + whole.digest()


def has_code_changed(former: bytes, current: bytes) -> bool:
    """Not when nobody can know: another version of Python, or no code to look at."""
    return bool(former) and bool(current) and former[:2] == current[:2] and former != current


def _parts_of(code: CodeType) -> list[bytes]:
    parts: list[bytes] = []
    todo = [code]
    while todo:
        one = todo.pop()
        constants = [repr(constant) for constant in one.co_consts if not isinstance(constant, (CodeType, frozenset))]
        parts += [one.co_code, repr((one.co_names, one.co_varnames, constants)).encode("utf-8", "surrogatepass")]
        todo += [constant for constant in one.co_consts if isinstance(constant, CodeType)]
    return parts
