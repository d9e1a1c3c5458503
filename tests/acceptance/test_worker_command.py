"""`reev-flow worker`, as installed: whatever nobody works on is taken up by somebody who does."""

import os
from pathlib import Path

import pytest

from support.workshop import Workshop

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such signals")


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_run_that_was_killed_is_finished_by_a_worker(shop: Workshop):
    shop.killed_while_packing("s-1")
    shop.open_up()
    with shop.worker():
        begun = shop.heard("begun", "s-1")
        ended = shop.heard("ended", "s-1")
    assert (begun["flow"], begun["detail"]) == ("order", "its worker is gone")
    assert ended["state"] == "completed"
    assert shop.tally() == ["pack it", "pack it", "send it"]
