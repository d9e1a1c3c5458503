"""Where real traces lie that are not part of this project, and its own recorded ones."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"
RECORDED = ROOT / "tests" / "recorded"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")


def sample_files(folder: str) -> list[Path]:
    """The files of a folder of samples by name; none when the samples are not here."""
    return sorted(path for path in (SAMPLES / folder).glob("*") if path.is_file())


def recorded_files(pattern: str = "*.otlp.*") -> list[Path]:
    return sorted(RECORDED.glob(pattern))
