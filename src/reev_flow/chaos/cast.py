"""Who plays the steps of a flow: their own functions, or stubs of the same names."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from reev_flow.chaos.ledger import TELLS, Happening, Ledger, StubLedger, ToldLedger, as_json
from reev_flow.chaos.trap import Trap
from reev_flow.flows.step_call import is_coroutine_function
from reev_flow.flows.work import current_step
from reev_flow.sessions.journal import Effect

TellsLedger = Callable[[Path], Callable[[], Any]]


class NeedsStub(BaseException):
    """A step is about to run, and nobody said that it may. No flow is to catch it."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class Casting(msgspec.Struct, frozen=True, kw_only=True):
    """What was said about effects. `stubs` are functions by name; steps with a name in `harmless` may be done any number of times; `ledger`
    makes the outside world's books in a folder.

    That a step is declared `rerun` says nothing here: a payment with an idempotency key is declared so too, and is a payment all the same.
    """

    harmless: frozenset[str] = frozenset()
    stubs: Mapping[str, Callable[..., Any]] = {}
    ledger: TellsLedger | None = None
    are_real_allowed: bool = False


def casting_of(
    flow_module: ModuleType | None,
    stub_module: ModuleType | None,
    *,
    harmless: Iterable[str] = (),
    are_real_allowed: bool = False,
) -> Casting:
    """A module that can lead its effects to a folder (`chaos_ledger`) has said that they may be rehearsed."""
    stubs = {} if stub_module is None else _functions_of(stub_module)
    ledger = getattr(stub_module, TELLS, None) or getattr(flow_module, TELLS, None)
    return Casting(harmless=frozenset(harmless), stubs=stubs, ledger=ledger, are_real_allowed=are_real_allowed)


def _functions_of(module: ModuleType) -> dict[str, Callable[..., Any]]:
    return {name: found for name, found in vars(module).items() if callable(found) and not name.startswith("_")}


class Cast:
    """The steps of one process."""

    def __init__(self, casting: Casting, folder: Path, trap: Trap) -> None:
        self._casting = casting
        self._trap = trap
        self.missing: NeedsStub | None = None
        self._stubbed = StubLedger(folder)
        self.ledger: Ledger = self._stubbed if casting.ledger is None else ToldLedger(casting.ledger(folder))

    def player(self, function: Callable[..., Any], names: tuple[str, ...], effect: Effect) -> Callable[..., Any]:
        """Who runs instead of that function: itself or its stub, watched. `names` are those it may be stubbed by. Raises `NeedsStub`."""
        stub = self._stub(names)
        is_harmless = not self._casting.harmless.isdisjoint(names)
        may_run = is_harmless or self._casting.are_real_allowed or self._casting.ledger is not None
        if stub is None and not may_run:
            self.missing = NeedsStub(names[0])
            raise self.missing
        has_effect = not is_harmless and (stub is not None or effect is not Effect.RERUN)
        return self._watched(function, stub or function, is_kept=has_effect and self._casting.ledger is None)

    def has_stub(self, names: tuple[str, ...]) -> bool:
        return self._stub(names) is not None

    def _stub(self, names: tuple[str, ...]) -> Callable[..., Any] | None:
        return next((self._casting.stubs[name] for name in names if name in self._casting.stubs), None)

    def _watched(
        self, function: Callable[..., Any], player: Callable[..., Any], *, is_kept: bool
    ) -> Callable[..., Any]:
        async def in_time(value: Any) -> Any:
            try:
                result = await value if inspect.isawaitable(value) else value
                if is_kept:
                    self._keep(result)
            finally:
                self._reach("after-function")
            return result

        @wraps(function)
        async def of_loop(*args: Any, **kwargs: Any) -> Any:
            self._reach("before-function")
            return await in_time(player(*args, **kwargs))

        @wraps(function)
        def of_thread(*args: Any, **kwargs: Any) -> Any:
            self._reach("before-function")
            try:
                value = player(*args, **kwargs)
            except BaseException:
                self._reach("after-function")
                raise
            if inspect.isawaitable(value):
                return in_time(value)
            if is_kept:
                self._keep(value)
            self._reach("after-function")
            return value

        return of_loop if is_coroutine_function(player) else of_thread

    def _keep(self, result: Any) -> None:
        step = current_step()
        self._stubbed.add(Happening(step.identity, step.idempotency_key, as_json(result)))

    def _reach(self, edge: str) -> None:
        self._trap.reach(current_step().identity, edge)
