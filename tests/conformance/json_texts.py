"""How Python and JavaScript write JSON."""

import json
from typing import Any


def python_json(value: Any) -> str:
    return json.dumps(value)


def compact_json(value: Any) -> str:
    """As JavaScript, Rust and orjson write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
