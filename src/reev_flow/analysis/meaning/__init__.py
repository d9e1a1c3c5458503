"""What names, values and texts mean: when two are the same, which tell of a failure, an effect or a secret."""
