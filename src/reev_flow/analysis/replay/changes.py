"""Changes to how long operations take: what a person writes, the spans it means, and their durations with it."""

import re
from difflib import get_close_matches
from fractions import Fraction
from itertools import islice
from numbers import Rational

import msgspec

from reev_flow.errors import InvalidChange, NoSuchOperation
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace

UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "min": 60_000_000_000,
    "h": 3_600_000_000_000,
}
TOLD_UNITS = (("h", 0), ("min", 0), ("s", 3), ("ms", 3), ("us", 3))  # with the decimals that each may have
AMOUNT = re.compile(r"(?P<sign>[+-]?)(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>[a-zµμ]*)")
LONGEST_AMOUNT = 40  # characters
MOST_SUGGESTIONS = 3
MOST_COMPARED = 2_000  # names; to compare more takes longer than a person who mistyped one waits


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A duration becomes its own divided by `speed`, plus `added_ns`; with `set_ns` it becomes that. Never less than nothing.

    It applies to every span that is labelled or called so, and to what lies below, as one; not again to one that lies below another.
    """

    name: str
    speed: Fraction = Fraction(1)
    added_ns: int = 0
    set_ns: int | None = None

    def __post_init__(self) -> None:
        """Refuses what Python lets through and no duration can be worked out with."""
        if not isinstance(self.name, str):
            raise InvalidChange(repr(self.name), "the name of an operation is text")
        if not isinstance(self.speed, Rational) or self.speed <= 0:
            raise InvalidChange(self.name, f"its speed {self.speed!r} is no whole number or Fraction above 0")
        for amount_ns in (self.added_ns, 0 if self.set_ns is None else self.set_ns):
            if not isinstance(amount_ns, int):
                raise InvalidChange(self.name, f"{amount_ns!r} is no whole number of nanoseconds")

    def applied(self, duration_ns: int) -> int:
        if self.set_ns is not None:
            return max(self.set_ns, 0)
        return max(duration_ns * self.speed.denominator // self.speed.numerator + self.added_ns, 0)

    @property
    def is_faster(self) -> bool:
        """Whether it can make something shorter."""
        return self.speed > 1 or self.added_ns < 0 or self.set_ns is not None


def as_change(wanted: object) -> Change:
    """What somebody gave for a change: one, or the text of one."""
    if isinstance(wanted, Change):
        return wanted
    if not isinstance(wanted, str):
        raise InvalidChange(repr(wanted), f"a change is text or a Change, and this is of type {type(wanted).__name__}")
    return parse_change(wanted)


def parse_change(text: str) -> Change:
    """Of `name=2x`, `name=-300ms`, `name=+1s` or `name=80ms`. What comes before the last equals sign is the name."""
    name, equals, amount = text.rpartition("=")
    name, amount = name.strip(), amount.strip()
    if not equals or not name:
        raise InvalidChange(text, "it has no name and amount with an equals sign in between")
    found = AMOUNT.fullmatch(amount) if len(amount) <= LONGEST_AMOUNT else None
    if found is None:
        raise InvalidChange(text, f"{amount!r} is no amount")
    number, unit, sign = Fraction(found["number"]), found["unit"], found["sign"]
    if unit == "x":
        if sign or not number:
            raise InvalidChange(text, "a speed has no sign and is above 0")
        return Change(name=name, speed=number)
    if unit not in UNITS_NS and (unit or number):
        raise InvalidChange(text, f"{amount!r} has no unit out of x, ns, us, ms, s, min, h")
    duration_ns = round(number * UNITS_NS.get(unit, 1))
    if sign:
        return Change(name=name, added_ns=-duration_ns if sign == "-" else duration_ns)
    return Change(name=name, set_ns=duration_ns)


def told_change(change: Change) -> str:
    """As it could have been written."""
    if change.set_ns is not None:
        return f"{change.name}={_told(change.set_ns)}"
    if change.added_ns:
        return f"{change.name}={'-' if change.added_ns < 0 else '+'}{_told(abs(change.added_ns))}"
    return f"{change.name}={float(change.speed):g}x"


def _told(duration_ns: int) -> str:
    """Exactly, in the largest unit in which that is short: `5min`, `90s`, `1.5ms`."""
    for unit, decimals in TOLD_UNITS:
        parts, rest = divmod(duration_ns * 10**decimals, UNITS_NS[unit])
        if duration_ns >= UNITS_NS[unit] and not rest:
            whole, part = divmod(parts, 10**decimals)
            return f"{whole}.{part:0{decimals}}".rstrip("0").rstrip(".") + unit if part else f"{whole}{unit}"
    return f"{duration_ns}ns" if duration_ns else "0"


def names_of(span: Span) -> tuple[str, ...]:
    """What a person may call it."""
    return (span.label, span.name) if span.tool is None else (span.label, span.name, span.tool.name)


def is_called(span: Span, name: str) -> bool:
    return name in names_of(span)


def outermost_matches(trace: Trace, name: str) -> list[int]:
    """Positions of the spans called so that are not below another one. None is an error that names what is called nearly so."""
    found: list[int] = []
    covered = 0
    for position, span in enumerate(trace.spans):
        if position >= covered and is_called(span, name):
            found.append(position)
            covered = trace.subtree_ends[position]
    if not found:
        raise NoSuchOperation(name, _close_names(trace, name))
    return found


def _close_names(trace: Trace, name: str) -> list[str]:
    """Without regard to case, in the words of the trace."""
    known = dict.fromkeys(label for span in trace.spans for label in names_of(span) if label)
    lowered = {label.lower(): label for label in islice(known, MOST_COMPARED)}
    return [lowered[near] for near in get_close_matches(name.lower(), lowered, MOST_SUGGESTIONS)]
