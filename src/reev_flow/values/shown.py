"""Stored values as plain JSON-like ones that can be looked at: no class is needed, and nothing can go wrong."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from reev_flow.values.standard import read_bytes
from reev_flow.values.tagged import LAST_VERSION_BYTE, TAGGED

Json: TypeAlias = Any

UNREADABLE = "(unreadable)"
NEWER = "(of a newer release)"
LONGEST_NUMBER = 256  # bits

_from_json = msgspec.json.Decoder().decode


def shown(data: bytes) -> Json:
    """Lists, string-keyed dicts, text, numbers, truth values and None.

    Tuples and sets become lists, instances the dict of their fields, enumeration members their names, bytes base64 text, moments and
    decimals their text; what is not finite becomes text too, and so do very long numbers. None for no data.
    """
    if not data:
        return None
    if TAGGED < data[:1] <= LAST_VERSION_BYTE:
        return NEWER
    try:
        return _shown(_from_json(data[1:])) if data.startswith(TAGGED) else _from_json(data)
    except Exception:  # noqa: BLE001 - whatever stands there, somebody wants to see the rest
        return UNREADABLE


def shown_call(data: bytes) -> Json:
    """The arguments of a call, stored as the pair of its args and its kwargs: by name if all have one, else in order. None for no data."""
    pair = shown(data)
    if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], list) and isinstance(pair[1], dict)):
        return pair
    args, kwargs = pair
    if not args:
        return kwargs
    return {"*": args, **kwargs} if kwargs else args


def _shown(stored: Json) -> Json:
    kind = type(stored)
    if kind is list:
        return [_shown(each) for each in stored]
    if kind is not dict:
        return stored
    tag = next(iter(stored), "")
    if len(stored) == 1 and tag.startswith("$"):
        return TAGS.get(tag, _shown)(stored[tag])
    return {name: _shown(each) for name, each in stored.items()}


def _shown_int(stored: Json) -> Json:
    number = int(stored, 16)
    return (
        number
        if number.bit_length() <= LONGEST_NUMBER
        else f"about {'-' if number < 0 else ''}2^{number.bit_length() - 1}"
    )


def _shown_pairs(pairs: Json) -> Json:
    """As a dict when the keys are still different as text."""
    by_text = {_as_text(_shown(key)): _shown(value) for key, value in pairs}
    return by_text if len(by_text) == len(pairs) else [[_shown(key), _shown(value)] for key, value in pairs]


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _shown_member(stored: Json) -> Json:
    """A member's name; of combined flags their names, and the bits that have none."""
    _, member = stored
    if isinstance(member, str):
        return member
    *names, rest = member
    return "|".join([*names, *([str(rest)] if rest or not names else [])])


def _shown_moment(stored: Json) -> Json:
    if not isinstance(stored, dict):
        return stored
    zone = _shown(stored["tzinfo"])
    return stored["local"] if zone is None else f"{stored['local']} {_as_text(zone)}"


def _shown_timedelta(stored: Json) -> Json:
    days, seconds, microseconds = stored
    total = (days * 86_400 + seconds) * 1_000_000 + microseconds
    whole, rest = divmod(abs(total), 1_000_000)
    return f"{'-' if total < 0 else ''}{whole}{f'.{rest:06}' if rest else ''} s"


TAGS: Mapping[str, Callable[[Json], Json]] = {
    "$str": lambda stored: read_bytes(stored).decode(errors="replace"),
    "$int": _shown_int,
    "$dict": _shown_pairs,
    "$enum": _shown_member,
    "$object": lambda stored: _shown(stored[1]),
    "$codec": lambda stored: _shown(stored[1]),
    "$datetime": _shown_moment,
    "$time": _shown_moment,
    "$timedelta": _shown_timedelta,
    "$fraction": lambda stored: "/".join(map(str, stored)),
    "$unset": lambda _: None,
}
"""What is not here (a tuple, a decimal, a codec that is not installed) is shown as what it is stored as."""
