"""The same run in every dialect over every transport, as it was sent and in one arrangement; `make conformance` tries many."""

from pathlib import Path

import pytest

from conformance.dialects import DIALECTS
from conformance.rounds import AS_SENT, outcomes
from conformance.transports import open_ways

SEEDS = (AS_SENT, 1)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_run_is_the_same_over_every_transport(dialect: str, tmp_path: Path):
    async with open_ways(tmp_path) as ways:
        wrong = [str(outcome) async for outcome in outcomes(ways, [dialect], SEEDS) if not outcome.is_right]

    assert wrong == []
