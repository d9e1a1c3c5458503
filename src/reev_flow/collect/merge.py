"""What several records of one span id say together.

The state of an id is the set of its distinct records, so merging is set union: it does not matter in what order, how often or in
how many parts records arrive. `reconcile` is a pure reading of that set.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias, TypeVar

import msgspec

from reev_flow.collect.fragments import is_fragment
from reev_flow.trace.canonical import exact
from reev_flow.trace.span import Attributes, Flag, Source, Span, SpanEvent, Status, Value

Core: TypeAlias = tuple[int, int, str, str, str]

Item = TypeVar("Item", bound=msgspec.Struct)

SEVERITY = {Status.UNSET: 0, Status.OK: 1, Status.ERROR: 2}


def reconcile(records: Sequence[Span]) -> list[Span]:
    """One span out of all records of one id; several, flagged `DUPLICATE_ID`, when they tell of different work.

    Finished records tell of the same work when their times, parent, name and kind are equal. A record without an end is the
    beginning of the first finished one, and what logs tell belongs to the first of all. Where attributes of the same work disagree, the
    fullest value is kept and the span flagged.
    """
    if len(records) == 1:
        return list(records)
    distinct = _distinct(records)
    fragments = [record for record in distinct if is_fragment(record)]
    groups = _group_by_core([record for record in distinct if not is_fragment(record)] if fragments else distinct)
    spans = [_join(group) for _, group in sorted(groups.items())] or [_join(fragments)]
    if groups and fragments:
        spans[0] = _with_events(spans[0], fragments)
    if len(spans) > 1:
        spans = [_flagged(span, Flag.DUPLICATE_ID) for span in spans]
    return spans


def _distinct(records: Iterable[Span]) -> list[Span]:
    by_content = {exact(record): record for record in records}
    return [by_content[content] for content in sorted(by_content)]


def _group_by_core(records: Sequence[Span]) -> dict[Core, list[Span]]:
    finished = [record for record in records if Flag.UNFINISHED not in record.flags]
    beginnings = [record for record in records if Flag.UNFINISHED in record.flags]
    groups: dict[Core, list[Span]] = {}
    for record in finished or beginnings:
        groups.setdefault(_core(record), []).append(record)
    if finished:
        groups[min(groups)].extend(beginnings)
    return groups


def _core(record: Span) -> Core:
    return record.start_ns, record.end_ns, record.name, record.parent_id or "", record.kind


def _join(group: Sequence[Span]) -> Span:
    """Finished records come first in the group, beginnings after them."""
    if len(group) == 1:
        return group[0]
    finished = [record for record in group if Flag.UNFINISHED not in record.flags]
    attributes, disagree = _join_attributes([record.attributes for record in finished or group])
    for record in group:
        for name, value in record.attributes.items():
            attributes.setdefault(name, value)
    joined = msgspec.structs.replace(
        group[0],
        attributes=attributes,
        status=max((record.status for record in group), key=SEVERITY.__getitem__),
        status_message=max((record.status_message for record in group), key=_fullness),
        source=_join_sources([record.source for record in group]),
        events=_union(event for record in group for event in record.events),
        links=_union(link for record in group for link in record.links),
        flags=frozenset().union(*(record.flags for record in finished or group)),
    )
    return _flagged(joined, Flag.CONFLICTING_VALUES) if disagree else joined


def _with_events(span: Span, fragments: Sequence[Span]) -> Span:
    """What has no time is taken to have happened when its span began."""
    told = (event for fragment in fragments for event in fragment.events)
    placed = (event if event.time_ns else msgspec.structs.replace(event, time_ns=span.start_ns) for event in told)
    return msgspec.structs.replace(span, events=_union([*span.events, *placed]))


def _join_attributes(sets: Sequence[Attributes]) -> tuple[Attributes, bool]:
    joined: Attributes = {}
    disagree = False
    for name in sorted({name for attributes in sets for name in attributes}):
        values = [attributes[name] for attributes in sets if name in attributes]
        joined[name] = max(values, key=_fullness)
        disagree = disagree or any(exact(value) != exact(values[0]) for value in values)
    return joined, disagree


def _join_sources(sources: Sequence[Source]) -> Source:
    return max(sources, key=lambda source: (bool(source.service), bool(source.scope), _fullness(source)))


def _union(items: Iterable[Item]) -> tuple[Item, ...]:
    by_content = {exact(item): item for item in items}
    return tuple(by_content[content] for content in sorted(by_content, key=lambda one: (_moment(by_content[one]), one)))


def _moment(item: msgspec.Struct) -> int:
    return item.time_ns if isinstance(item, SpanEvent) else 0


def _flagged(span: Span, flag: Flag) -> Span:
    return msgspec.structs.replace(span, flags=span.flags | {flag})


def _fullness(value: Value | msgspec.Struct) -> tuple[int, bytes]:
    """Longer is fuller: a value that was cut is shorter than the whole one. Equal lengths are told apart by their bytes."""
    content = exact(value)
    return len(content), content
