"""Types of the standard library (and two guests) that are stored without being registered."""

import base64
import re
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from reev_flow.values.codec import Codec
from reev_flow.values.refusal import Refused

PYDANTIC_OFFSET = "pydantic_offset"
ZONE_KEY = re.compile(r"[\w+-]+(/[\w+-]+)*", re.ASCII)  # no dots: zoneinfo looks a key up as a path


def guest_codec(kind: type[Any]) -> Codec | None:
    """The codec of a type that is not of the standard library, and need not be installed."""
    guest = _pydantic_offset()
    return guest if guest is not None and guest.kind is kind else None


def guest_codec_named(name: str) -> Codec | None:
    return _pydantic_offset() if name == PYDANTIC_OFFSET else None


def write_bytes(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read_bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _write_moment(moment: datetime | time) -> object:
    """ISO text when that says everything, else parts: text holds neither a zone's name nor which of two equal hours it is."""
    if not moment.fold and _is_said_by_text(moment.tzinfo):
        return moment.isoformat()
    return {"local": moment.replace(tzinfo=None, fold=0).isoformat(), "fold": moment.fold, "tzinfo": moment.tzinfo}


def _is_said_by_text(zone: tzinfo | None) -> bool:
    if zone is None or zone is UTC:
        return True
    if type(zone) is not timezone or len(_offset_and_name(zone)) > 1:
        return False
    return not zone.utcoffset(None).microseconds  # Python reads an offset of less than a second back as none


def _read_datetime(stored: Any) -> datetime:
    return datetime.fromisoformat(stored) if isinstance(stored, str) else _with_zone(datetime.fromisoformat, **stored)


def _read_time(stored: Any) -> time:
    return time.fromisoformat(stored) if isinstance(stored, str) else _with_zone(time.fromisoformat, **stored)


def _with_zone(read: Any, *, local: str, fold: int, tzinfo: tzinfo | None) -> Any:
    return read(local).replace(fold=fold, tzinfo=tzinfo)


def _offset_and_name(zone: timezone) -> list[object]:
    offset = zone.utcoffset(None)
    return [offset] if zone.tzname(None) == timezone(offset).tzname(None) else [offset, zone.tzname(None)]


def _write_zone(zone: ZoneInfo) -> str:
    if zone.key is None or not ZONE_KEY.fullmatch(zone.key):
        raise Refused("has no key to find the zone by", "use zoneinfo.ZoneInfo with the name of a zone")
    return zone.key


def _read_zone(key: str) -> ZoneInfo:
    if not ZONE_KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a zone")
    return ZoneInfo(key)


def _pydantic_offset() -> Codec | None:
    """What pydantic puts into the datetimes it reads; known only where pydantic is loaded."""
    kind = getattr(sys.modules.get("pydantic_core"), "TzInfo", None)
    if kind is None:
        return None
    return Codec(
        name=PYDANTIC_OFFSET,
        kind=kind,
        encode=lambda zone: zone.utcoffset(None).total_seconds(),
        decode=kind,
    )


def _codec(name: str, kind: type[Any], encode: Any, decode: Any) -> Codec:
    return Codec(name=name, kind=kind, encode=encode, decode=decode)


CODECS = (
    _codec("bytes", bytes, write_bytes, read_bytes),
    _codec("bytearray", bytearray, write_bytes, lambda text: bytearray(read_bytes(text))),
    _codec("complex", complex, lambda number: [number.real, number.imag], lambda parts: complex(*parts)),
    _codec("decimal", Decimal, str, Decimal),
    _codec("fraction", Fraction, lambda number: [number.numerator, number.denominator], lambda parts: Fraction(*parts)),
    _codec("datetime", datetime, _write_moment, _read_datetime),
    _codec("time", time, _write_moment, _read_time),
    _codec("date", date, date.isoformat, date.fromisoformat),
    _codec(
        "timedelta",
        timedelta,
        lambda span: [span.days, span.seconds, span.microseconds],
        lambda parts: timedelta(*parts),
    ),
    _codec("timezone", timezone, _offset_and_name, lambda parts: timezone(*parts)),
    _codec("zoneinfo", ZoneInfo, _write_zone, _read_zone),
    _codec("uuid", UUID, str, UUID),
    _codec("unset", msgspec.UnsetType, lambda _: None, lambda _: msgspec.UNSET),
    *(_codec(kind.__name__, kind, str, kind) for kind in (PurePosixPath, PureWindowsPath, PosixPath, WindowsPath)),
)

BUILT_IN = frozenset(
    {*(codec.kind for codec in CODECS), *(bool, int, float, str, type(None), list, tuple, set, frozenset, dict)}
)
"""What needs no codec and may have none."""
