"""The trip assistant in the Vercel AI SDK, one process of Node a version; see `vercel.mjs`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import otlp_catcher
import scenarios
from recording import folder_from_command_line
from scenario import CONVERSATION, MODEL, SYSTEM_PROMPT, Scenario
from stub_server import HOST, PORT

HERE = Path(__file__).parent
NODE = shutil.which("node") or "node"


def run(scenario: Scenario, version: int) -> None:
    modules = Path(os.environ["VERCEL_MODULES"])  # a folder with v4/, v5/, ... , each with its node_modules
    run_node("vercel.mjs", modules / f"v{version}", scenario, version=version)


def run_node(script: str, folder: Path, scenario: Scenario, *, version: int) -> None:
    """Modules are looked up from where the script is, so it is copied to its modules."""
    shutil.copy(HERE / script, folder)
    told = {
        "version": version,
        "stub": f"http://{HOST}:{PORT}",
        "traces": otlp_catcher.TRACES,
        "question": scenario.question,
        "system": SYSTEM_PROMPT,
        "model": MODEL,
        "conversation": CONVERSATION,
    }
    subprocess.run([NODE, script, json.dumps(told)], check=True, cwd=folder)


if __name__ == "__main__":
    out = folder_from_command_line()
    for number in (4, 5, 6, 7):
        otlp_catcher.record(
            out, f"vercel_v{number}_clean", scenarios.CLEAN, lambda scenario, n=number: run(scenario, n)
        )  # type: ignore[misc] # bound now
    otlp_catcher.record(out, "vercel_v6_unavailable", scenarios.UNAVAILABLE, lambda scenario: run(scenario, 6))
