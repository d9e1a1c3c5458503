"""YAML read safely: nothing is constructed but text, numbers, true, false, null, lists and mappings.

Plain scalars mean what they mean in YAML 1.2 and JSON: `yes`, `12:30` and `2026-01-01` are text. So is a number with leading zeros.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from reev_flow.flows.plans.tree import BadText, Begin, End, Event, Leaf, Repeat, Scalar

SPACES = "indent with spaces, not with tabs"
SYNTAX = "check the indentation, and put text with : # { } or quotes in it in quotes"
WORDS: dict[str, Scalar] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
OTHER_BASES = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PLAIN_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
# The C parser where PyYAML was built with it: ten times as fast, the same events.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def yaml_events(text: str) -> Iterator[Event]:
    """Raises `BadText` for what is not YAML, a second document, and tags that ask for anything to be constructed."""
    unprintable = UNPRINTABLE.search(text)
    if unprintable:
        line = text.count("\n", 0, unprintable.start()) + 1
        raise BadText(line, f"there is a control character, U+{ord(unprintable.group()):04X}", "remove it")
    documents = 0
    try:
        for event in yaml.parse(text, Loader=LOADER):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise BadText(_line(event), "a second document begins", "keep one plan in a file")
            read = _read(event)
            if read is not None:
                yield read
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text) from None


def resolve_plain(text: str) -> Scalar:
    """What a scalar without quotes means. Raises `ValueError` for a number of too many digits."""
    if text in WORDS:
        return WORDS[text]
    if WHOLE.fullmatch(text):
        return int(text)
    if OTHER_BASES.fullmatch(text):
        return int(text, 0)
    if FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _read(event: Any) -> Event | None:
    if getattr(event, "tag", None) not in PLAIN_TAGS:
        raise BadText(_line(event), f"the tag {event.tag[:60]!r} is not allowed", "remove it")
    match event:
        case yaml.ScalarEvent():
            return Leaf(_line(event), _scalar(event), event.anchor)
        case yaml.CollectionStartEvent():
            return Begin(_line(event), isinstance(event, yaml.MappingStartEvent), event.anchor)
        case yaml.CollectionEndEvent():
            return End()
        case yaml.AliasEvent():
            return Repeat(_line(event), str(event.anchor))
        case _:
            return None


def _scalar(event: Any) -> Scalar:
    if not event.implicit[0] or event.tag not in {None, "!"}:
        return str(event.value)
    try:
        return resolve_plain(event.value)
    except ValueError:
        raise BadText(_line(event), "a number of too many digits", "put it in quotes") from None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _explained(error: yaml.MarkedYAMLError, text: str) -> BadText:
    mark = error.problem_mark or error.context_mark
    line_text = "" if mark is None else [*text.split("\n"), ""][mark.line]
    is_tab = "\t" in line_text[: len(line_text) - len(line_text.lstrip())]
    problem = " ".join((error.problem or error.context or "this is not YAML").split())
    return BadText(mark.line + 1 if mark else None, problem, SPACES if is_tab else SYNTAX)
