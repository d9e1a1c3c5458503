"""Ids as a command takes them."""

from shlex import quote


def as_typed(session_id: str) -> str:
    """One word, which is no option."""
    return f"-- {quote(session_id)}" if session_id.startswith("-") else quote(session_id)
