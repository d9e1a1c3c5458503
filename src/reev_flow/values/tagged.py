"""Values to bytes and back, of equal value and exactly equal type.

A plain value (None, bool, int, finite float, str; lists and string-keyed dicts of them) is its JSON text. Any other value is a
byte 1, the version of this format, and JSON in which an object with one key that begins with `$` is a tag:

    (1, {2})         →  {"$tuple":[1,{"$set":[2]}]}
    {3: b"x"}        →  {"$dict":[[3,{"$bytes":"eA=="}]]}        also a dict with a string key that begins with `$`
    Order(id=7)      →  {"$object":["shop:Order",{"id":7}]}      Color.RED → {"$enum":["shop:Color","RED"]}
    a registered type → {"$codec":["money",{"amount":"1.50"}]}

Dicts keep their order; sets are stored in the order of what is stored. A value that is reached twice comes back as two.
"""

from typing import Any, NoReturn

import msgspec

from reev_flow.values.catalog import catalog_of
from reev_flow.values.forms import forms_with
from reev_flow.values.plain import PLAIN_ATOMS, is_plain
from reev_flow.values.reach import classes_in
from reev_flow.values.reader import Reader
from reev_flow.values.refusal import DAMAGED, Refused, TooLarge, Unreadable, UnreadableValue, UnstorableValue, label
from reev_flow.values.registry import DEFAULT, Codecs
from reev_flow.values.writer import Rules, Writer

TAGGED = b"\x01"
LAST_VERSION_BYTE = b"\x08"  # JSON text begins with none of the bytes up to here
LIMIT_BYTES = 16 * 1024 * 1024
TOO_LARGE = "keep it in a file and return its path"

_to_json = msgspec.json.Encoder().encode
_from_json = msgspec.json.Decoder().decode


def encode(
    value: object,
    *,
    annotation: object = None,
    codecs: Codecs = DEFAULT,
    name: str = "result",
    limit_bytes: int = LIMIT_BYTES,
) -> bytes:
    """Raises `UnstorableValue` for what would not come back as it is; `name` begins the path it names.

    Instances of classes are stored only if `annotation` names their class (see `classes_in`) or it is registered with `codecs`.
    """
    most_items = limit_bytes // 2 + 1  # an item takes a digit and a comma
    try:
        data = _encode_plain(value, most_items) or _encode_tagged(value, annotation, codecs, most_items)
    except TooLarge:
        raise _refused_whole(value, name, f"takes more than the {limit_bytes:,} bytes allowed", TOO_LARGE) from None
    except Refused as refused:
        raise _unstorable(refused, name, annotation) from refused.__cause__
    except RecursionError:
        raise _refused_whole(
            value, name, "is nested too deeply for the stack it is stored from", "flatten it"
        ) from None
    if len(data) > limit_bytes:
        raise _refused_whole(value, name, f"takes {len(data):,} bytes of the {limit_bytes:,} allowed", TOO_LARGE)
    return data


def decode(data: bytes, *, annotation: object = None, codecs: Codecs = DEFAULT, name: str = "result") -> Any:
    """Raises `UnreadableValue` for damaged data, and for a class or codec that is gone or has changed too much."""
    try:
        if data[:1] == TAGGED:
            catalog = catalog_of(classes_in(annotation), codecs.classes)
            return Reader(catalog, codecs).read(_from_json(data[1:]))
        return _from_json(data)
    except Unreadable as trouble:
        raise UnreadableValue(trouble.path_from(name), trouble.reason, trouble.advice) from trouble.__cause__
    except (msgspec.DecodeError, ValueError, RecursionError) as cause:
        raise UnreadableValue(name, *_what_is_wrong(data, cause)) from cause


def read_back(value: object, data: bytes, *, annotation: object = None, name: str = "result") -> Any:
    """What `decode` gives of the bytes that `encode` made of this very value."""
    return value if type(value) in PLAIN_ATOMS else decode(data, annotation=annotation, name=name)


def _encode_plain(value: object, most_items: int) -> bytes | None:
    if not is_plain(value, most_items=most_items):
        return None
    try:
        return _to_json(value)
    except (ValueError, OverflowError):  # half of a surrogate pair, or an int of too many digits
        return None


def _encode_tagged(value: object, annotation: object, codecs: Codecs, most_items: int) -> bytes:
    catalog = catalog_of(classes_in(annotation), codecs.classes)
    rules = Rules(name_of=catalog.name_of, settle=_refuse, is_order_kept=True)
    return TAGGED + _to_json(Writer(forms_with(codecs), rules, most_items=most_items).write(value))


def _refuse(_: object, refused: Refused) -> NoReturn:
    raise refused


def _unstorable(refused: Refused, name: str, annotation: object) -> UnstorableValue:
    unresolved = f" (the annotation {annotation!r} could not be resolved)" if isinstance(annotation, str) else ""
    return UnstorableValue(refused.path_from(name), refused.kind, refused.reason, refused.advice + unresolved)


def _refused_whole(value: object, name: str, reason: str, advice: str) -> UnstorableValue:
    return UnstorableValue(name, label(type(value)), reason, advice)


def _what_is_wrong(data: bytes, cause: Exception) -> tuple[str, str]:
    if TAGGED < data[:1] <= LAST_VERSION_BYTE:
        return f"it is of version {data[0]} of the format, which is newer", "update reev-flow"
    if isinstance(cause, RecursionError):
        return "it is nested too deeply for the stack it is read from", DAMAGED
    return f"it is not JSON ({cause})", DAMAGED
