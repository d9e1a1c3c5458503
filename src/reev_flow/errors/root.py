"""The one error above all others of this package."""


class ReevFlowError(Exception):
    """Anything this package raises on purpose."""
