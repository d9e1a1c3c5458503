"""What a trace is: spans, the forest they form, and the time they cover."""
