"""The finding rules, one subject a file."""
