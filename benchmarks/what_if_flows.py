"""Random flows as data: work in sequence, side by side, in tasks that are awaited later, and tried again."""

from collections.abc import Iterator
from random import Random
from typing import TypeAlias

import msgspec

UNIT_NS = 40_000  # every duration is a multiple, so that dividing one by 2, 4 or 5 leaves nothing over
NAMES = ("search", "fetch", "plan", "answer", "rank", "store", "weather", "submit")
STEPS = ("research", "draft", "review", "gather facts")


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of work with a span; it may fail."""

    name: str
    duration_ns: int
    fails: bool = False


class OwnWork(msgspec.Struct, frozen=True, kw_only=True):
    """Time that whoever does the line takes itself, without a span."""

    duration_ns: int


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A span around other parts."""

    name: str
    parts: tuple["Part", ...]


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """Lines side by side, all awaited at the end: gathered, or as tasks of a group."""

    lines: tuple[tuple["Part", ...], ...]
    as_group: bool


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is begun as a task, and goes on beside what follows."""

    number: int
    line: tuple["Part", ...]


class Await(msgspec.Struct, frozen=True, kw_only=True):
    """Waits for such a task."""

    number: int


Part: TypeAlias = Work | OwnWork | Step | Together | Later | Await


class FlowShape(msgspec.Struct, frozen=True, kw_only=True):
    """How large and how tangled flows are. `has_loose_ends` lets a line that others wait for end with work that no span tells of."""

    deepest: int = 2
    widest: int = 4
    longest: int = 4
    has_loose_ends: bool = False


def random_flow(random: Random, shape: FlowShape) -> Step:
    return Step(name="flow", parts=_line(random, shape, 0, is_root=True))


def works(part: Part) -> Iterator[Work]:
    """All work with a span of its own and nothing below."""
    open_parts: list[Part] = [part]
    while open_parts:
        one = open_parts.pop()
        if isinstance(one, Work):
            yield one
        elif isinstance(one, Step):
            open_parts.extend(one.parts)
        elif isinstance(one, Together):
            open_parts.extend(part for line in one.lines for part in line)
        elif isinstance(one, Later):
            open_parts.extend(one.line)


def step_names(part: Part) -> set[str]:
    """Of the steps below the flow."""
    found: set[str] = set()
    open_parts: list[Part] = [part]
    while open_parts:
        one = open_parts.pop()
        if isinstance(one, Step):
            found.add(one.name)
            open_parts.extend(one.parts)
        elif isinstance(one, Together):
            open_parts.extend(part for line in one.lines for part in line)
        elif isinstance(one, Later):
            open_parts.extend(one.line)
    return found - {"flow"}


def _line(random: Random, shape: FlowShape, depth: int, *, is_root: bool = False) -> tuple[Part, ...]:
    """Parts one after the other. Tasks begun in it are awaited in it, later."""
    parts: list[Part] = []
    waiting: list[int] = []
    for _ in range(random.randint(2 if is_root else 1, shape.longest)):
        if random.random() < 0.25:
            parts.append(OwnWork(duration_ns=_duration(random, 12)))
        parts += _parts(random, shape, depth)
        if random.random() < 0.12:
            key = random.getrandbits(60)
            parts.append(Later(number=key, line=_closed(random, shape, depth + 1)))
            waiting.append(key)
        elif waiting and random.random() < 0.5:
            parts.append(Await(number=waiting.pop(random.randrange(len(waiting)))))
    parts += [Await(number=key) for key in waiting]
    return tuple(parts)


def _closed(random: Random, shape: FlowShape, depth: int) -> tuple[Part, ...]:
    """A line whose last work has a span, unless the shape allows otherwise."""
    line = _line(random, shape, depth)
    if shape.has_loose_ends and random.random() < 0.3:
        return (*line, OwnWork(duration_ns=_duration(random, 60)))
    return line


def _parts(random: Random, shape: FlowShape, depth: int) -> list[Part]:
    choice = random.random()
    if depth >= shape.deepest or choice < 0.45:
        return [_work(random)]
    if choice < 0.55:
        return _tried_again(random)
    if choice < 0.72:
        return [_step(random, shape, depth + 1)]
    lines = tuple(_side_line(random, shape, depth + 1) for _ in range(random.randint(2, shape.widest)))
    return [Together(lines=lines, as_group=random.random() < 0.4)]


def _side_line(random: Random, shape: FlowShape, depth: int) -> tuple[Part, ...]:
    """Most of what runs side by side is one piece of work or one step."""
    choice = random.random()
    if choice < 0.5:
        return (_work(random),)
    if choice < 0.75:
        return (_step(random, shape, depth),)
    return _closed(random, shape, depth)


def _step(random: Random, shape: FlowShape, depth: int) -> Step:
    parts = _line(random, shape, depth)
    if random.random() < 0.2:
        parts = (*parts, OwnWork(duration_ns=_duration(random, 12)))
    return Step(name=random.choice(STEPS), parts=parts)


def _tried_again(random: Random) -> list[Part]:
    name, pause_ns = random.choice(NAMES), _duration(random, 10)
    parts: list[Part] = []
    for _ in range(random.randint(1, 3)):
        parts += [Work(name=name, duration_ns=_duration(random), fails=True), OwnWork(duration_ns=pause_ns)]
        pause_ns *= 2
    return [*parts, Work(name=name, duration_ns=_duration(random))]


def _work(random: Random) -> Work:
    return Work(name=random.choice(NAMES), duration_ns=_duration(random))


def _duration(random: Random, most: int = 200) -> int:
    """Short ones are more common, as in life."""
    return UNIT_NS * 20 * max(1, round(most * random.random() ** 2))
