"""Promises of the rooms below, kept in memory and on disk."""
