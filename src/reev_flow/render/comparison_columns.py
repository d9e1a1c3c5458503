"""The numbers of a table that lays two runs side by side: A, B and their difference, down to a total that adds up as shown."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from reev_flow.render.even_rounding import rounded_parts, scale_for

Row: TypeAlias = tuple[str, str, str]

COST_DIGITS = 12  # dollars come as trillionths, of which every cost is a whole number
SHOWN_COST_DIGITS = 6


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """`unit` belongs to every number of the rows and of the total."""

    unit: str
    rows: list[Row]
    total: Row


def column_of(unit: str, a: Sequence[int], b: Sequence[int]) -> Column:
    """Of `time` in nanoseconds, of `cost` in trillionths of a dollar, or of whole numbers; one row for each pair."""
    if unit == "time":
        return _times(a, b)
    if unit == "cost":
        resolution = 10 ** (COST_DIGITS - SHOWN_COST_DIGITS)
        rounded = rounded_parts(a, resolution), rounded_parts(b, resolution)
        rows = [_cost_row(*pair) for pair in zip(*rounded, strict=True)]
        return Column(unit="$", rows=rows, total=_cost_row(sum(rounded[0]), sum(rounded[1])))
    rows = [_count_row(*pair) for pair in zip(a, b, strict=True)]
    return Column(unit="", rows=rows, total=_count_row(sum(a), sum(b)))


def _times(a: Sequence[int], b: Sequence[int]) -> Column:
    scale = scale_for(max(sum(a), sum(b)), sum(b) - sum(a))
    rounded = rounded_parts(a, scale.resolution_ns), rounded_parts(b, scale.resolution_ns)

    def row(before: int, after: int) -> Row:
        return scale.told(before), scale.told(after), scale.told(after - before, signed=True)

    rows = [row(*pair) for pair in zip(*rounded, strict=True)]
    return Column(unit=scale.unit, rows=rows, total=row(sum(rounded[0]), sum(rounded[1])))


def _count_row(a: int, b: int) -> Row:
    return f"{a:,}", f"{b:,}", _signed(f"{b - a:,}", b - a)


def _cost_row(a: int, b: int) -> Row:
    return _cost(a), _cost(b), _signed(_cost(b - a), b - a)


def _cost(millionths: int) -> str:
    whole, rest = divmod(abs(millionths), 10**SHOWN_COST_DIGITS)
    return f"{'-' if millionths < 0 else ''}{whole:,}.{rest:0{SHOWN_COST_DIGITS}}"


def _signed(told: str, number: int) -> str:
    return f"+{told}" if number > 0 else told
