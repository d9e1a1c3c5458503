"""Runs a flow again and again, lets something go wrong at each place in turn, and compares what came of it."""
