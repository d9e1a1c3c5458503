"""Promises kept in SQLite files."""
