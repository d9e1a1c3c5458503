"""Where sessions are, as a command is told or as the settings say."""

from reev_flow.settings import current_settings


def place_of(store: str | None) -> str:
    """What was asked for, else what the settings say."""
    return store if store is not None else current_settings().word("sessions.store_path")
