"""JSON read with the line of each value."""

import json
import re
from collections.abc import Iterator

from reev_flow.flows.plans.tree import BadText, Begin, End, Event, Leaf, Scalar

TOKEN = re.compile(r'[{}\[\]]|"(?:[^"\\]++|\\.)*+"|[^\s,:{}\[\]"]+')


def json_events(text: str) -> Iterator[Event]:
    """Raises `BadText` for what is not JSON."""
    _refuse_bad(text)
    line, counted_to = 1, 0
    for token in TOKEN.finditer(text):  # of sound JSON this finds every bracket and every scalar
        line += text.count("\n", counted_to, token.start())
        counted_to = token.start()
        match token.group():
            case "{" | "[" as bracket:
                yield Begin(line, is_mapping=bracket == "{")
            case "}" | "]":
                yield End()
            case scalar:
                yield Leaf(line, _value(scalar, line))


def _refuse_bad(text: str) -> None:
    try:
        json.loads(text, parse_int=len, parse_constant=len)
    except json.JSONDecodeError as error:
        raise BadText(error.lineno, f"this is not JSON: {error.msg}", "correct it, or write YAML") from None
    except RecursionError:
        raise BadText(None, "nested too deeply", "name alternative flows instead") from None


def _value(scalar: str, line: int) -> Scalar:
    if scalar in {"NaN", "Infinity", "-Infinity"}:
        raise BadText(line, f"{scalar} is not JSON", "write a number")
    try:
        value: Scalar = json.loads(scalar)
    except ValueError:
        raise BadText(line, "a number of too many digits", "write it as text") from None
    return value
