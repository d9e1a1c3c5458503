"""The calls of models and tools, who made them, what they asked and what they cost."""
