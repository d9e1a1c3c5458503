"""What differs between a run in which something went wrong and one in which nothing did."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from reev_flow.chaos.facts import Facts, StepFacts
from reev_flow.values.shown import shown

LONGEST_SHOWN = 80


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """An uninterrupted run, and what another one had otherwise: `varying` are the steps whose outcome is not the same each time."""

    facts: Facts
    varying: frozenset[str] = frozenset()
    does_result_vary: bool = False
    do_effects_vary: bool = False


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """Each a line. Effects that happened too often, and spans that are missing, are counted besides."""

    lines: tuple[str, ...] = ()
    duplicated: int = 0
    lost_spans: int = 0


class Surplus(msgspec.Struct, frozen=True):
    """What happened how often more than it should have."""

    what: str
    count: int


def expected_of(first: Facts, second: Facts) -> Expected:
    """Of two uninterrupted runs."""
    varying = {name for name in first.steps if first.steps[name].outcome != second.steps.get(name, NO_STEP).outcome}
    return Expected(
        facts=first,
        varying=frozenset(varying),
        does_result_vary=(first.result, first.error) != (second.result, second.error),
        do_effects_vary=_counted(first) != _counted(second),
    )


def taken_otherwise(first: Facts, second: Facts) -> list[str]:
    """The steps that only one of two uninterrupted runs took, or that ended otherwise: chance decides about them."""
    names = first.steps.keys() | second.steps.keys()
    standings = {name: (_standing(first, name), _standing(second, name)) for name in sorted(names)}
    return [f"{name} {one} / {other}" for name, (one, other) in standings.items() if one != other]


def differences(expected: Expected, found: Facts) -> Differences:
    duplicated = list(_duplicated(expected, found))
    lost_spans = (
        {} if found.problem else {key: name for key, name in expected.facts.spans.items() if key not in found.spans}
    )
    lines = [
        *_whole(expected, found),
        *([] if found.problem else _steps(expected, found)),
        *(f"effect {one.what!r} happened {one.count} more than it should" for one in duplicated),
        *(f"effect {one.what!r} is missing" for one in _missing(expected, found)),
        *(f"span {name!r} is lost" for name in lost_spans.values()),
    ]
    return Differences(lines=tuple(lines), duplicated=sum(one.count for one in duplicated), lost_spans=len(lost_spans))


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
        if _standing(found, name) != _standing(wanted, name):
            yield f"step {name} is {_standing(found, name)}, not {_standing(wanted, name)}"
        elif name not in expected.varying and found.steps[name].outcome != wanted.steps[name].outcome:
            yield f"step {name} gave {_told(found.steps[name].outcome)}, not {_told(wanted.steps[name].outcome)}"


def _standing(facts: Facts, name: str) -> str:
    return facts.steps.get(name, NO_STEP).standing


def _told(data: bytes) -> str:
    text = repr(shown(data)) if data else "nothing"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _counted(facts: Facts) -> Counter[str]:
    return Counter(identity for _, identity in facts.effects)


def _duplicated(expected: Expected, found: Facts) -> Iterator[Surplus]:
    if expected.do_effects_vary:
        surplus = len(found.effects) - len(expected.facts.effects)
        if surplus > 0:
            yield Surplus("any", surplus)
        return
    names = {identity: what for what, identity in found.effects}
    for identity, count in (_counted(found) - _counted(expected.facts)).items():
        yield Surplus(names[identity], count)


def _missing(expected: Expected, found: Facts) -> Iterator[Surplus]:
    if expected.do_effects_vary:
        return
    names = {identity: what for what, identity in expected.facts.effects}
    for identity, count in (_counted(expected.facts) - _counted(found)).items():
        yield Surplus(names[identity], count)
