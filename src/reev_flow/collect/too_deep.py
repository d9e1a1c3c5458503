"""What is left of a value that is nested too deeply."""

from reev_flow.trace.span import Value

MOST_NESTING = 64  # levels of a value that are kept; protobuf readers stop sooner
TOO_DEEP = "… (truncated because it is nested too deeply)"
"""Stands for what was deeper."""


def holds_too_deep(value: Value) -> bool:
    """Whether something in it was too deep. A store may have written the last levels as JSON text."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
        elif isinstance(one, str) and TOO_DEEP in one:
            return True
    return False
