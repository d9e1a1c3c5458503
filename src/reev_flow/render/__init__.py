"""Insights made visible: document, diagram, terminal."""
