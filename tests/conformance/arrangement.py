"""In how many requests, in what order and how often spans and log records arrive."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import NamedTuple, TypeVar

import msgspec

from conformance.written import UNSET, Written, WrittenLog, WrittenSpan

Item = TypeVar("Item")


class Request(NamedTuple):
    """Spans or log records that travel together."""

    spans: tuple[WrittenSpan, ...] = ()
    logs: tuple[WrittenLog, ...] = ()


def in_order(written: Written) -> list[Request]:
    return [Request(spans=written.spans), *([Request(logs=written.logs)] if written.logs else [])]


def arranged(written: Written, random: Random) -> list[Request]:
    """Split and shuffled, also the attributes, some of it sent twice, alone or with its request; of some spans the beginning is sent too."""
    lasting = [span for span in written.spans if span.end_ns > span.start_ns]
    spans = [*written.spans, *(_begun(span, random) for span in lasting if random.random() < 0.3)]
    sent = [_with_attributes_shuffled(span, random) for span in _repeated(spans, random)]
    requests = [Request(spans=part) for part in _parts(sent, random)]
    requests += [Request(logs=part) for part in _parts(_repeated(written.logs, random), random)]
    return _repeated(requests, random)


def _with_attributes_shuffled(span: WrittenSpan, random: Random) -> WrittenSpan:
    names = random.sample(list(span.attributes), len(span.attributes))
    return msgspec.structs.replace(span, attributes={name: span.attributes[name] for name in names})


def _begun(span: WrittenSpan, random: Random) -> WrittenSpan:
    """What was known of it when it began."""
    known = {name: value for name, value in span.attributes.items() if random.random() < 0.5}
    return msgspec.structs.replace(span, end_ns=0, status=UNSET, message="", events=(), attributes=known)


def _repeated(items: Sequence[Item], random: Random) -> list[Item]:
    more = [item for item in items if random.random() < 0.25]
    shuffled = [*items, *more]
    random.shuffle(shuffled)
    return shuffled


def _parts(items: Sequence[Item], random: Random) -> list[tuple[Item, ...]]:
    cuts = sorted(random.sample(range(len(items) + 1), random.randint(0, min(len(items), 5))))
    edges = [0, *cuts, len(items)]
    return [tuple(items[start:end]) for start, end in pairwise(edges) if end > start]
