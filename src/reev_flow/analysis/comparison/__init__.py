"""Two runs side by side. It needs no store and no third run, so it belongs to the analysis of runs and not to history."""
