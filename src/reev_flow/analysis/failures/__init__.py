"""What failed in a run, why, and what became of it."""
