"""What a behaviour of the simulated agent is."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from simulated.agent import Agent

Play = Callable[[Agent], Awaitable[object]]
Prepare = Callable[[Agent], None]


def nothing(agent: Agent) -> None:
    """Most behaviours find the agent as it is."""


class Behaviour(NamedTuple):
    """`code` is what is wrong with it, empty when nothing is. Of those that concern the whole run, it has one at most. `prepare` is
    done before anything happens.
    """

    play: Play
    code: str = ""
    concerns_whole_run: bool = False
    prepare: Prepare = nothing

    @property
    def name(self) -> str:
        return getattr(self.play, "__name__", "")
