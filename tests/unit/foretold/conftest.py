"""Flows that are run for real to be foretold live beside the benchmark that they serve."""

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"

sys.path.append(str(BENCHMARKS))
