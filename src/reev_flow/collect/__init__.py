"""Spans in: files and their formats, vendors and their words, spans and the traces they belong to."""
