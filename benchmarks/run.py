"""Every benchmark, one after the other, each in a process of its own: `make bench`."""

import platform
import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "start_up.py",
    "server_start.py",
    "decoding.py",
    "analysis.py",
    "comparing.py",
    "drawing.py",
    "values.py",
    "session_store.py",
    "sessions.py",
    "trace_store.py",
    "tracer.py",
)


def main() -> int:
    sys.stdout.write(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}; medians; ! marks a missed budget\n"
    )
    sys.stdout.flush()
    codes = [
        subprocess.run([sys.executable, Path(__file__).with_name(name)], check=False).returncode for name in BENCHMARKS
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
