"""Spans of flows as they run: our own, and their mirror at the OpenTelemetry provider of the user."""
