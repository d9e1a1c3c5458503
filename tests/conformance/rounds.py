"""Every dialect over every transport, arranged at random: what differs from what happened."""

from collections.abc import AsyncIterator, Iterable
from itertools import count
from random import Random
from typing import Any, NamedTuple

from conformance.arrangement import arranged, in_order
from conformance.dialects import DIALECTS
from conformance.excuses import DIALECTS_TABLE, parts_of, without
from conformance.logical_run import logical_run
from conformance.projection import Projection, digest, project, project_as_it_happened
from conformance.transports import SPANS_ONLY, TRANSPORTS, Ways

AS_SENT = 0  # the seed of the arrangement that is none


class Outcome(NamedTuple):
    """The parts of a run that are looked at, as they happened and as they were read, and how often spans were sent."""

    dialect: str
    transport: str
    seed: int
    spans: int
    happened: Projection
    read: Projection

    @property
    def is_right(self) -> bool:
        return digest(self.happened) == digest(self.read)

    def __str__(self) -> str:
        place = f"{self.dialect} over {self.transport}, seed {self.seed}"
        return place if self.is_right else f"{place}: " + "; ".join(differences(self.happened, self.read))


async def outcomes(ways: Ways, dialects: Iterable[str], seeds: Iterable[int]) -> AsyncIterator[Outcome]:
    for seed in seeds:
        for dialect in dialects:
            for transport in TRANSPORTS:
                if can_travel(dialect, transport):
                    yield await outcome(ways, dialect, transport, seed)


async def outcome(ways: Ways, dialect: str, transport: str, seed: int) -> Outcome:
    run = logical_run(next(NUMBERS))
    written = DIALECTS[dialect](run)
    requests = in_order(written) if seed == AS_SENT else arranged(written, Random(f"{dialect} {transport} {seed}"))
    trace = await TRANSPORTS[transport](ways, requests, run.trace_id)
    excused = parts_of(dialect, DIALECTS_TABLE)
    return Outcome(
        dialect=dialect,
        transport=transport,
        seed=seed,
        spans=sum(len(request.spans) for request in requests),
        happened=without(project_as_it_happened(run), excused),
        read=without(project(trace), excused),
    )


def can_travel(dialect: str, transport: str) -> bool:
    return transport not in SPANS_ONLY or not DIALECTS[dialect](logical_run(0)).logs


NUMBERS = count(1)


def differences(happened: Projection, read: Projection) -> list[str]:
    """The places at which two projections differ, each with both values, cut."""
    found: list[str] = []
    waiting: list[tuple[str, Any, Any]] = [("", happened, read)]
    while waiting:
        path, one, other = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            names = sorted(one.keys() | other.keys(), reverse=True)
            waiting.extend((f"{path}.{name}".lstrip("."), one.get(name), other.get(name)) for name in names)
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            pairs = list(zip(one, other, strict=True))
            waiting.extend((f"{path}[{number}]", *pair) for number, pair in reversed(list(enumerate(pairs))))
        elif one != other:
            found.append(f"{path} is {str(other)[:80]!r}, not {str(one)[:80]!r}")
    return found
