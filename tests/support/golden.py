"""Text that must stay as it was approved: run with REEV_FLOW_UPDATE_GOLDENS=1 to approve what there is now."""

import os
from pathlib import Path

GOLDENS = Path(__file__).resolve().parents[1] / "golden" / "expected"


def assert_golden(name: str, text: str) -> None:
    """`text` is what the file of this name holds. Updating writes the file instead; read the difference before committing it."""
    path = GOLDENS / name
    if os.environ.get("REEV_FLOW_UPDATE_GOLDENS") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.is_file(), f"{path.name} is not approved yet; run once with REEV_FLOW_UPDATE_GOLDENS=1 and read it"
    assert text == path.read_text(encoding="utf-8"), f"{path.name} differs; is that wanted?"
