"""How the steps of a plan are to behave."""

import msgspec


class Script(msgspec.Struct, frozen=True):
    """How a step behaves: how long an attempt takes, how many fail before one succeeds, and what a person says, after how long."""

    seconds: float
    failures: float = 0
    answers: tuple[str, ...] = ()
    thinks: float = 1.0
