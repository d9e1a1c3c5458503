"""How a figure is taken and told: medians of interleaved rounds, beside a floor that ran in the same rounds."""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

MS = 1_000.0


class Figure(NamedTuple):
    """One line of a table; seconds. `floor` is the least that could do the work at all."""

    what: str
    took: float
    floor: float
    floor_is: str
    budget: float | None = None


def median_seconds(work: Callable[[], object], *, rounds: int) -> float:
    work()
    return statistics.median(_seconds(work) for _ in range(rounds))


def beside_floor(work: Callable[[], object], floor: Callable[[], object], *, rounds: int) -> tuple[float, float]:
    """Medians of both, taken in turn so that the machine's moods meet both alike. One round of each is not counted."""
    work()
    floor()
    pairs = [(_seconds(work), _seconds(floor)) for _ in range(rounds)]
    return statistics.median(took for took, _ in pairs), statistics.median(took for _, took in pairs)


def tell(title: str, figures: Sequence[Figure]) -> None:
    width = max(len(figure.what) for figure in figures)
    sys.stdout.write(f"\n{title}\n{'':{width}}       took      floor   ratio     budget  floor is\n")
    for figure in figures:
        budget = (
            ""
            if figure.budget is None
            else f"{figure.budget * MS:,.0f} ms{'' if figure.took <= figure.budget else ' !'}"
        )
        sys.stdout.write(
            f"{figure.what:{width}} {figure.took * MS:7,.2f} ms {figure.floor * MS:7,.2f} ms {figure.took / figure.floor:7.1f} {budget:>10}"
            f"  {figure.floor_is}\n"
        )


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
