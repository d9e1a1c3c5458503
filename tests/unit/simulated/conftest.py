"""The simulated agent lives beside the benchmarks that it serves."""

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"

sys.path.append(str(BENCHMARKS))
