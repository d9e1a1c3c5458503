"""What a run of the trip assistant is told to do: the script of its model and the behaviour of its tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Arguments = Mapping[str, str | int]

MODEL = "gpt-4.1-mini"
CONVERSATION = "trip-42"
SYSTEM_PROMPT = "You are a trip assistant. Use the tools; answer in one short paragraph."


@dataclass(frozen=True, kw_only=True)
class AskedCall:
    """One tool call that the model asks for."""

    tool: str
    arguments: Arguments


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One answer of the model: tool calls, or the final text, and the tokens it is billed for."""

    calls: tuple[AskedCall, ...] = ()
    text: str = ""
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    delay_ms: int = 60


@dataclass(frozen=True, kw_only=True)
class Reply:
    """How a tool's server answers one request; a `body` of "" means the tool's ordinary result."""

    status: int = 200
    body: str = ""
    delay_ms: int = 40


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong on purpose: whether the answer admits it, and whether the trace shows its cause."""

    kind: str
    tool: str
    is_told: bool
    is_visible: bool = True


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A question, one script of turns per model name, and what each tool does on its n-th request.

    The last turn of a script is not repeated: a program that asks for more gets HTTP 400. The last
    reply of a tool is repeated; a tool without replies always gives its ordinary result.
    """

    name: str
    question: str
    turns: Mapping[str, tuple[Turn, ...]]
    replies: Mapping[str, tuple[Reply, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    most_model_calls: int = 10
    are_tools_traced: bool = True
    are_model_calls_traced: bool = True


def call(tool: str, **arguments: str | int) -> AskedCall:
    return AskedCall(tool=tool, arguments=arguments)
