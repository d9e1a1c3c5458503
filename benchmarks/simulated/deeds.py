"""What happened in a simulated run, told without spans: from it the truth is read, and other dialects write it down."""

import msgspec

from simulated.tools import Asked, Outcome


class ToolDeed(msgspec.Struct, kw_only=True):
    span_id: str
    asked: Asked
    call_id: str
    outcome: Outcome
    start_ns: int
    end_ns: int = 0

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


class ModelDeed(msgspec.Struct, kw_only=True):
    span_id: str
    start_ns: int
    end_ns: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    answer: str = ""
    finish: str = "stop"
    asked: list[tuple[str, Asked]] = []
    tools: list[ToolDeed] = []
    agent: str = ""

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


class Diary(msgspec.Struct, kw_only=True):
    """Of one run. `is_plain` as long as one agent did nothing but ask a model and run what it asked for."""

    question: str
    models: list[ModelDeed] = []
    tools: list[ToolDeed] = []
    root: tuple[str, int, int] = ("", 0, 0)
    agent: tuple[str, int, int] = ("", 0, 0)
    trace_id: str = ""
    is_plain: bool = True
    failure: str = ""
