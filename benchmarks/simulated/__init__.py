"""Runs of a simulated agent, with what is wrong with them: the labelled set on which findings are judged."""
