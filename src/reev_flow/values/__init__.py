"""How user values are stored: arguments, results and context of steps, as JSON with tags for what JSON cannot say."""
