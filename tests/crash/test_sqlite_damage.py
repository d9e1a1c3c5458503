"""A damaged bit in a store's files leads to the right data or to an error, never to something else."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.damaged_stores import Truth, flip, make_logged, make_merged, read_truth, silent_errors

FLIPS = 120

MAKERS: dict[str, Callable[[Path], None]] = {"sessions.db": make_merged, "sessions.db-wal": make_logged}


@pytest.fixture(params=MAKERS, scope="module")
def file_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sound(file_name: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("sound") / "store"
    MAKERS[file_name](folder)
    return folder, read_truth(folder, folder.with_name("read"))


def sampled_bits(path: Path) -> list[int]:
    """Some anywhere, and all of the first page's header, which says how to read the rest."""
    anywhere = random.Random(1).sample(range(path.stat().st_size * 8), FLIPS)
    return [*anywhere, *range(0, 100 * 8, 13)]


@pytest.mark.parametrize("also_write", [False, True], ids=["read", "written to"])
def test_a_flipped_bit_is_never_read_as_something_else(
    sound: tuple[Path, Truth], file_name: str, tmp_path: Path, *, also_write: bool
):
    folder, truth = sound
    found: dict[int, list[str]] = {}
    for bit in sampled_bits(folder / file_name):
        damaged = tmp_path / str(bit)
        shutil.copytree(folder, damaged)
        flip(damaged / file_name, bit)
        wrong = silent_errors(damaged, truth, also_write=also_write)
        if wrong:
            found[bit] = wrong
        shutil.rmtree(damaged)
    assert found == {}
