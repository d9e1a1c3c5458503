"""A sample of all damages that a small store's files can have; `make damage` does every one of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.every_damage import MAKERS, Outcome, Specimen, scratch_folder, tally

STRIDE = 2_003  # a prime, so that no part of a page is left out by its position


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_damage_is_never_read_as_something_else(make: Callable[[Path], Specimen], tmp_path: Path):
    """And nothing is lost unnoticed as long as the mark is that of the last commit."""
    specimen = make(tmp_path / "store")
    counts, wrong = tally(specimen, list(specimen.damages(STRIDE)), scratch_folder())
    outcomes = {outcome for _, _, outcome in counts}
    assert wrong == []
    assert {Outcome.RIGHT, Outcome.STORE} <= outcomes
    assert (Outcome.LOST in outcomes) == (len(specimen.truths) > 1)
