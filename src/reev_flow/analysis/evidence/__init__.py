"""What several finding rules look at."""
