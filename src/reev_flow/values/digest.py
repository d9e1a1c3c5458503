"""Whether a step is called with the arguments it was called with before."""

import hashlib

from reev_flow.values.forms import forms_with
from reev_flow.values.plain import is_plain
from reev_flow.values.refusal import Refused, TooLarge
from reev_flow.values.registry import DEFAULT, Codecs
from reev_flow.values.tagged import TAGGED
from reev_flow.values.writer import Json, Rules, Writer, in_key_order

VERSION = b"\x01"
HASH_BYTES = 16
MOST_ITEMS = 8_000_000


def digest(value: object, *, codecs: Codecs = DEFAULT) -> bytes:
    """17 bytes, the same in every process and Python version: a version and a hash of what would be stored.

    The same for values of equal type and content all the way down, whatever the order of dict keys and the module of a class; so 1,
    1.0 and True differ, and a list and a tuple. What cannot be stored (a client, a function, a value inside itself) counts by the
    name of its type alone, and so does a value too large to look at.
    """
    return VERSION + hashlib.blake2b(_canonical(value, codecs), digest_size=HASH_BYTES).digest()


def has_changed(former: bytes | None, current: bytes | None) -> bool:
    """Whether two digests are of different values; not when one is missing or of another version, because nobody knows then."""
    return former is not None and current is not None and former[:1] == current[:1] and former != current


def _canonical(value: object, codecs: Codecs) -> bytes:
    if is_plain(value, most_items=MOST_ITEMS):
        try:
            return in_key_order(value)
        except (ValueError, OverflowError):  # half of a surrogate pair, or an int of too many digits
            pass
    rules = Rules(name_of=lambda kind: kind.__qualname__, settle=_by_type, is_order_kept=False)
    try:
        written = Writer(forms_with(codecs), rules, most_items=MOST_ITEMS).write(value)
    except TooLarge:
        written = _by_type(value, None)
    return TAGGED + in_key_order(written)


def _by_type(value: object, _: Refused | None) -> Json:
    return {"$opaque": type(value).__qualname__}
