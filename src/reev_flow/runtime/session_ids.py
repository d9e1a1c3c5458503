"""What a session is called that nobody named."""

from reev_flow.clock import random_bytes


def new_id(flow: str) -> str:
    """The flow's name and 64 random bits."""
    plain = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in flow)
    return f"{plain or 'flow'}-{random_bytes(8).hex()}"
