"""Ids as a command takes them."""

from shlex import quote


def as_typed(session_id: str, *options: str) -> str:
    """One word, which is no option, and the options that are to be given with it."""
    given = " ".join(map(quote, options))
    if session_id.startswith("-"):
        return f"{given} -- {quote(session_id)}" if given else f"-- {quote(session_id)}"
    return f"{quote(session_id)} {given}" if given else quote(session_id)
