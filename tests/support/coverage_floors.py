"""Fails when a room is covered by less than it promises: `python coverage_floors.py REPORT.json`."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FLOORS = {
    "sessions": (("src/reev_flow/sessions/",), 100),
    "values": (("src/reev_flow/values/",), 95),
    "collect and trace": (("src/reev_flow/collect/", "src/reev_flow/trace/"), 95),
    "render": (("src/reev_flow/render/",), 90),
    "analysis": (("src/reev_flow/analysis/",), 85),
}


def covered_percent(summaries: Iterable[dict[str, Any]]) -> float:
    """Lines and branches together, as coverage.py counts them."""
    covered = wanted = 0
    for summary in summaries:
        covered += summary["covered_lines"] + summary["covered_branches"]
        wanted += summary["num_statements"] + summary["num_branches"]
    return 100 * covered / wanted if wanted else 0.0


def main(report_path: str) -> int:
    files = json.loads(Path(report_path).read_text(encoding="utf-8"))["files"]
    missed = False
    for room, (folders, floor) in FLOORS.items():
        inside = [report["summary"] for path, report in files.items() if path.replace("\\", "/").startswith(folders)]
        percent = covered_percent(inside)
        missed = missed or percent < floor
        sys.stdout.write(
            f"coverage {room}: {percent:.1f} % (at least {floor} %){' MISSED' if percent < floor else ''}\n"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
