"""Who plays the steps of a flow: their own functions, or stubs of the same names."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import msgspec

from reev_flow.chaos.ledger import TELLS, Happening, Ledger, StubLedger, ToldLedger, as_json
from reev_flow.chaos.playing import watched
from reev_flow.chaos.points import Fault
from reev_flow.chaos.sights import Seen, Sights
from reev_flow.chaos.trap import Trap
from reev_flow.flows.work import current_step
from reev_flow.sessions.journal import Effect

HELD_UP_SECONDS = 0.004
MOST_HELD_UP_SECONDS = 0.1
HALF = 0.5

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

    def __init__(self, casting: Casting, folder: Path, trap: Trap, *, shaken_by: int | None = None) -> None:
        """With `shaken_by`, a seed, steps are held up for moments that it draws."""
        self._casting = casting
        self.trap = trap
        self._dice = None if shaken_by is None else Random(shaken_by)  # noqa: S311 - no secret
        self._left_seconds = MOST_HELD_UP_SECONDS
        self.sights = Sights(folder)
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
        # Nothing keeps a worker that is slower than its lease from a step that may be done any number of times.
        is_told = effect is not Effect.RERUN or self.trap.fault is not Fault.SLOW_DISK
        watch = StepWatch(self, is_kept=has_effect and self._casting.ledger is None, is_told=is_told)
        return watched(function, stub or function, watch)

    def has_stub(self, names: tuple[str, ...]) -> bool:
        return self._stub(names) is not None

    def _stub(self, names: tuple[str, ...]) -> Callable[..., Any] | None:
        return next((self._casting.stubs[name] for name in names if name in self._casting.stubs), None)

    def keep(self, result: Any) -> None:
        """That the step of the caller had an effect."""
        step = current_step()
        self._stubbed.add(Happening(step.identity, step.idempotency_key, as_json(result)))

    def hold_up_seconds(self) -> float:
        """Steps that run beside each other shall not always take the same turns."""
        is_held_up = self._dice is not None and self._left_seconds > 0 and self._dice.random() < HALF
        seconds = HELD_UP_SECONDS if is_held_up else 0.0
        self._left_seconds -= seconds
        return seconds


class StepWatch:
    """Sees one step being played."""

    def __init__(self, cast: Cast, *, is_kept: bool, is_told: bool) -> None:
        """`is_kept` is what was done in the books, `is_told` that it began."""
        self._cast = cast
        self._is_kept = is_kept
        self._is_told = is_told

    def begin(self) -> float:
        identity = current_step().identity
        if self._is_told:
            self._cast.sights.note(Seen.BEGAN, identity)
        self._cast.trap.reach(identity, "before-function")
        return self._cast.hold_up_seconds()

    def end(self, *results: Any) -> None:
        if self._is_kept:
            for result in results:
                self._cast.keep(result)
        self._cast.trap.reach(current_step().identity, "after-function")
