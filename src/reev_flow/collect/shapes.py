"""What a JSON document is when it is not OTLP spans, in words that tell its owner what to do."""

import msgspec

from reev_flow.collect.json_text import InvalidJson, Unread, read_entries, read_fields, read_json

# The first row whose keys are all there says what an object is.
KNOWN_OBJECTS = (
    (("resourceLogs",), "OTLP logs"),
    (("resourceMetrics",), "OTLP metrics"),
    (("traceEvents",), "a Chrome trace"),
    (("traceID", "spans"), "Jaeger JSON"),
    (("traceId", "id", "timestamp"), "a Zipkin span"),
    (("traceId", "spanId"), "a span without its resourceSpans"),
    (("context", "parent_id"), "a span of the Python console exporter"),
    (("session_id", "event_type"), "a reev session event"),
)
MOST_KEYS = 5
LONGEST_KEY = 40


def describe(document: Unread) -> str:
    """A noun phrase such as "an array of 3 numbers" or "an object with the keys 'a', 'b'"."""
    fields = read_fields(document)
    if fields is not None:
        return _describe_object(fields)
    entries = read_entries(document)
    if entries is not None:
        return f"an array of {len(entries)}, first {describe_scalar(entries[0])}" if entries else "an empty array"
    return describe_scalar(document)


def _describe_object(fields: dict[str, Unread]) -> str:
    data = read_entries(fields.get("data")) or [None]
    within = read_fields(data[0]) or fields  # Jaeger's API wraps its traces in "data"
    for keys, name in KNOWN_OBJECTS:
        if all(key in within for key in keys):
            return name
    if not fields:
        return "an object without keys"
    named = ", ".join(repr(key[:LONGEST_KEY]) for key in list(fields)[:MOST_KEYS])
    return f"an object with the keys {named}{', …' if len(fields) > MOST_KEYS else ''}"


def describe_scalar(document: Unread) -> str:
    try:
        value = read_json(document) if isinstance(document, msgspec.Raw) else document
    except InvalidJson:
        return "a value that cannot be read"
    return next((name for kind, name in SCALARS if isinstance(value, kind)), "null")


SCALARS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a truth value"),
    ((int, float), "a number"),
    (str, "a string"),
    (list, "an array"),
    (dict, "an object"),
)
