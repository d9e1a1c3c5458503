"""What the place a process runs in says: the environment, and the settings file of its folder."""

import os
from pathlib import Path

from reev_flow.settings.loading import Settings, load_settings


def current_folder() -> Path | None:
    """None in a folder that was deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def current_settings() -> Settings:
    """In a folder that was deleted there is no settings file."""
    return load_settings(os.environ, current_folder() or Path(os.sep))
