"""What a run shows as a whole, and what to do about it."""
