"""A run worked out again with other durations."""
