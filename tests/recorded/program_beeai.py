"""The trip assistant in BeeAI for TypeScript; see `beeai.mjs`."""

from __future__ import annotations

import os
from pathlib import Path

import otlp_catcher
import program_vercel
import scenarios
from recording import folder_from_command_line
from scenario import Scenario

MODULES = Path(os.environ["BEEAI_MODULES"])  # a folder with node_modules


def run(scenario: Scenario) -> None:
    program_vercel.run_node("beeai.mjs", MODULES, scenario, version=0)


if __name__ == "__main__":
    otlp_catcher.record(folder_from_command_line(), "beeai_clean", scenarios.FINAL_RESPONSE_TOOL, run)
