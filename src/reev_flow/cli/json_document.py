"""What session commands print with `--json`: one object."""

from typing import Any, TypeAlias

import msgspec

from reev_flow.cli.output import write_data
from reev_flow.version import __version__

Document: TypeAlias = dict[str, Any]


def write_document(**parts: Any) -> None:
    """One JSON object, with the release that wrote it at its head."""
    told = {"reev_flow": __version__, **parts}
    write_data(msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n")


def ns_text(time_ns: int | None) -> str | None:
    """As a decimal string: as a number, some readers of JSON would lose digits."""
    return None if time_ns is None else str(time_ns)
