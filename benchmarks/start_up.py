"""What it costs to import the package and to start the command, as whole processes."""

import os
import subprocess
import sys

from measure import Figure, beside_floor, tell

ROUNDS = 11
QUIET = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=False, stdout=subprocess.DEVNULL, env=QUIET)


def figure(what: str, budget: float | None, *arguments: str) -> Figure:
    took, floor = beside_floor(lambda: run(*arguments), lambda: run("-c", "pass"), rounds=ROUNDS)
    return Figure(what, took, floor, "python -c pass", budget)


def main() -> None:
    everything = "import reev_flow as r; [getattr(r, name) for name in r.__all__]"
    tell(
        "Start-up (whole processes)",
        [
            figure("import reev_flow", 0.100, "-c", "import reev_flow"),
            figure("import reev_flow, every name used", None, "-c", everything),
            figure("reev-flow --help", 0.150, "-m", "reev_flow", "--help"),
            figure("reev-flow check --help", None, "-m", "reev_flow", "check", "--help"),
        ],
    )


if __name__ == "__main__":
    main()
