"""What differs between a run in which something went wrong and one in which nothing did."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from reev_flow.chaos.facts import Facts, StepFacts
from reev_flow.chaos.span_facts import OwnSpan
from reev_flow.sessions.history import Standing
from reev_flow.values.shown import shown

LONGEST_SHOWN = 80


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """An uninterrupted run, and what another one had otherwise: `varying` are the steps whose outcome is not the same each time, and
    `varying_effects` what did not happen as often in both. `deaths` is how many workers die in the runs that it is compared with.
    """

    facts: Facts
    varying: frozenset[str] = frozenset()
    varying_effects: frozenset[str] = frozenset()
    varying_inner_spans: frozenset[str] = frozenset()
    does_result_vary: bool = False
    deaths: int = 1


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """Each a line. Effects that happened too often, and spans that are missing, are counted besides; `unkept` are spans of tools and models
    that died with their worker before any store had them, which nobody promised to keep.
    """

    lines: tuple[str, ...] = ()
    duplicated: int = 0
    lost_spans: int = 0
    unkept_spans: int = 0


class Surplus(msgspec.Struct, frozen=True):
    """What happened how often more than it should have."""

    what: str
    count: int


def expected_of(first: Facts, second: Facts, *, deaths: int = 1) -> Expected:
    """Of two uninterrupted runs."""
    varying = {name for name in first.steps if first.steps[name].outcome != second.steps.get(name, NO_STEP).outcome}
    return Expected(
        facts=first,
        varying=frozenset(varying),
        varying_effects=_unequal(_counted(first), _counted(second)),
        varying_inner_spans=_unequal(first.inner_spans, second.inner_spans),
        deaths=deaths,
        does_result_vary=(first.result, first.error) != (second.result, second.error),
    )


def _unequal(first: Mapping[str, object], second: Mapping[str, object]) -> frozenset[str]:
    return frozenset(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def taken_otherwise(first: Facts, second: Facts) -> list[str]:
    """The steps that only one of two uninterrupted runs took, that ended otherwise, or that were called in another order: chance decides
    about them.
    """
    names = first.steps.keys() | second.steps.keys()
    standings = {name: (_standing(first, name), _standing(second, name)) for name in sorted(names)}
    taken = [f"{name} {one} / {other}" for name, (one, other) in standings.items() if one != other]
    return taken or list(_order(first, second))


def differences(expected: Expected, found: Facts) -> Differences:
    duplicated = list(_duplicated(expected, found))
    lost, unkept = ((), 0) if found.problem else _lost_spans(expected, found)
    lines = [
        *_whole(expected, found),
        *found.broken,
        *([] if found.problem else (*_steps(expected, found), *_order(expected.facts, found))),
        *(f"effect {one.what!r} happened {one.count} more than it should" for one in duplicated),
        *(f"effect {one.what!r} is missing" for one in _missing(expected, found)),
        *(f"span {name!r} is lost" for name in lost),
    ]
    return Differences(
        lines=tuple(lines),
        duplicated=sum(one.count for one in duplicated),
        lost_spans=len(lost),
        unkept_spans=unkept,
    )


NO_STEP = StepFacts("not taken")


def _whole(expected: Expected, found: Facts) -> Iterator[str]:
    wanted = expected.facts
    if found.problem:
        yield f"the store tells nothing: {found.problem}"
        return
    if found.damaged:
        yield f"the store says that {', '.join(found.damaged)} cannot be trusted"
    if found.state != wanted.state:
        yield f"the session is {found.state}{_why(found)}, not {wanted.state}{_why(wanted)}"
    elif not expected.does_result_vary and found.error != wanted.error:
        yield f"it failed with {found.error!r}, not {wanted.error!r}"
    elif not expected.does_result_vary and found.result != wanted.result:
        yield f"the result is {_told(found.result)}, not {_told(wanted.result)}"
    if len(found.trace_ids) > 1:
        yield f"its spans are of {len(found.trace_ids)} traces"


def _why(facts: Facts) -> str:
    return f" ({facts.error})" if facts.error else ""


def _steps(expected: Expected, found: Facts) -> Iterator[str]:
    wanted = expected.facts
    for name in sorted(wanted.steps.keys() | found.steps.keys()):
        most = _attempts(wanted, name) + expected.deaths  # one that was cut off counts, and the last one may have been
        if _standing(found, name) != _standing(wanted, name):
            yield f"step {name} is {_standing(found, name)}, not {_standing(wanted, name)}"
        elif name not in expected.varying and found.steps[name].outcome != wanted.steps[name].outcome:
            yield f"step {name} gave {_told(found.steps[name].outcome)}, not {_told(wanted.steps[name].outcome)}"
        elif found.steps[name].standing == Standing.FAILED and _attempts(found, name) > most:
            yield f"step {name} was tried {_attempts(found, name)} times, not {_attempts(wanted, name)}"


def _attempts(facts: Facts, name: str) -> int:
    return facts.steps.get(name, NO_STEP).attempts


def _order(wanted: Facts, found: Facts) -> Iterator[str]:
    """Steps without keys that one branch called in another order. A worker may have come less far."""
    orders = [order for calls in wanted.calls[:1] for order in [_by_branch(calls)]]
    for calls in found.calls if orders else ():
        for branch, steps in _by_branch(calls).items():
            for one, other in zip(steps, orders[0].get(branch, ()), strict=False):
                if one != other:
                    yield f"a worker called {one} where {other} had been called"
                    break


def _by_branch(calls: Iterable[str]) -> dict[str, list[str]]:
    branches: dict[str, list[str]] = {}
    for step in calls:
        branches.setdefault(step.rpartition("/")[0], []).append(step)
    return branches


def _lost_spans(expected: Expected, found: Facts) -> tuple[tuple[str, ...], int]:
    """The names of those that should be there, and how many are missing that nobody promised.

    A step that was tried less often than in the uninterrupted run has fewer spans. What is inside of steps must be there when the store of
    traces acknowledged it, or when the worker had the time to end in order.
    """
    own = [span.name for key, span in expected.facts.spans.items() if key not in found.spans and _took(found, span)]
    inner: list[str] = []
    unkept = 0
    for step, names in expected.facts.inner_spans.items():
        missing = Counter(names) - Counter(found.inner_spans.get(step, ()))
        if step in found.in_peace and step not in expected.varying_inner_spans:
            inner += missing.elements()
        else:
            unkept += missing.total()
    return (*own, *inner, *found.lost), unkept


def _took(found: Facts, span: OwnSpan) -> bool:
    return not span.step or span.attempt <= _attempts(found, span.step)


def _standing(facts: Facts, name: str) -> str:
    return facts.steps.get(name, NO_STEP).standing


def _told(data: bytes) -> str:
    text = repr(shown(data)) if data else "nothing"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _counted(facts: Facts) -> Counter[str]:
    return Counter(identity for _, identity in facts.effects)


def _duplicated(expected: Expected, found: Facts) -> Iterator[Surplus]:
    """What is never the same is counted together."""
    names = {identity: what for what, identity in found.effects}
    wanted, counted = _counted(expected.facts), _counted(found)
    varying = expected.varying_effects | (counted.keys() - wanted.keys() if expected.varying_effects else set())
    for identity, count in (counted - wanted).items():
        if identity not in varying:
            yield Surplus(names[identity], count)
    surplus = sum(counted[one] - wanted[one] for one in varying)
    if surplus > 0:
        yield Surplus("any", surplus)


def _missing(expected: Expected, found: Facts) -> Iterator[Surplus]:
    names = {identity: what for what, identity in expected.facts.effects}
    for identity, count in (_counted(expected.facts) - _counted(found)).items():
        if identity not in expected.varying_effects:
            yield Surplus(names[identity], count)
