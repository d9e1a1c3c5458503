"""How figures of sessions are told: each beside a floor that ran in the same rounds, with a budget that is a ratio, a rate or a size."""

import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

US = 1_000_000.0


class Compared(NamedTuple):
    """What is taken in turns. `most_ratio` is of a time to its floor; with `least_rate` both are how many there are in a second."""

    what: str
    work: Callable[[], Awaitable[float]]
    floor: Callable[[], float]
    floor_is: str
    most_ratio: float | None = None
    least_rate: float | None = None


class Row(NamedTuple):
    what: str
    took: str
    floor: str = ""
    ratio: float | None = None
    budget: str = ""
    floor_is: str = ""


async def rows_of(compared: Sequence[Compared], rounds: int) -> list[Row]:
    """Medians of rounds in which each follows its floor at once, so that the machine's moods meet both alike."""
    pairs: dict[str, list[tuple[float, float]]] = {one.what: [] for one in compared}
    for _ in range(rounds):
        for one in compared:
            floor = one.floor()
            pairs[one.what].append((await one.work(), floor))
    return [_with_budget(one, pairs[one.what]) for one in compared]


def _with_budget(one: Compared, pairs: Sequence[tuple[float, float]]) -> Row:
    if one.least_rate is not None:
        row, budget = row_of_rates(one.what, pairs), f"{one.least_rate:,.0f}/s"
        is_kept = statistics.median(rate for rate, _ in pairs) >= one.least_rate
    else:
        row, budget = row_of_times(one.what, pairs), "" if one.most_ratio is None else f"{one.most_ratio} x"
        is_kept = one.most_ratio is None or row.ratio is None or row.ratio <= one.most_ratio
    return row._replace(budget=budget if is_kept else f"{budget} !", floor_is=one.floor_is)


def row_of_times(what: str, pairs: Sequence[tuple[float, float]]) -> Row:
    """Of seconds, each with its floor."""
    took, floor = _medians(pairs)
    return Row(
        what, f"{took * US:,.0f} us", f"{floor * US:,.0f} us", statistics.median(one / least for one, least in pairs)
    )


def row_of_rates(what: str, pairs: Sequence[tuple[float, float]]) -> Row:
    """Of how many there are in a second; the ratio is again that of the times."""
    rate, floor = _medians(pairs)
    return Row(what, f"{rate:,.0f}/s", f"{floor:,.0f}/s", statistics.median(most / one for one, most in pairs))


def _medians(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(one for one, _ in pairs), statistics.median(floor for _, floor in pairs)


def tell_rows(title: str, rows: Sequence[Row]) -> None:
    width = max(len(row.what) for row in rows)
    sys.stdout.write(f"\n{title}\n{'':{width}} {'took':>12} {'floor':>12} {'ratio':>7} {'budget':>12}  floor is\n")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        sys.stdout.write(
            f"{row.what:{width}} {row.took:>12} {row.floor:>12} {ratio:>7} {row.budget:>12}  {row.floor_is}\n"
        )
    sys.stdout.flush()
