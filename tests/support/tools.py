"""What a test does about an outside tool that is not installed."""

import os
import shutil
from typing import NoReturn

import pytest

COMMANDS = {
    "node": ("node",),
    "npm": ("npm",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "postgres": ("postgres", "pg_ctl"),
}


def require_tool(tool: str) -> str:
    """The path of the tool's command. Without it the test is skipped, or fails where REEV_FLOW_REQUIRE_TOOLS=1."""
    found = next(filter(None, map(shutil.which, COMMANDS[tool])), None)
    return found or tool_missing(f"{tool} is not installed (looked on PATH for {', '.join(COMMANDS[tool])})")


def tool_missing(reason: str) -> NoReturn:
    if tools_are_required():
        pytest.fail(f"{reason}; REEV_FLOW_REQUIRE_TOOLS=1 asks for it", pytrace=False)
    pytest.skip(reason)


def tools_are_required() -> bool:
    return os.environ.get("REEV_FLOW_REQUIRE_TOOLS") == "1"
