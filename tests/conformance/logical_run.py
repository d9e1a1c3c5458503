"""One run of an agent as it happened, before anybody wrote spans about it."""

from hashlib import sha256
from typing import Any

import msgspec

from reev_flow.trace.span import TokenUsage

SECOND = 1_000_000_000
BEGIN_NS = 1_767_225_600_000_000_123  # not whole microseconds, so that a reader who rounds is found out


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """When something was done, and the id of the span that tells of it."""

    span_id: str
    start_ns: int
    end_ns: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call that the model asked for."""

    name: str
    call_id: str
    arguments: dict[str, Any]


class ToolRun(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of it. `error` is the text of the exception that it raised, which was of `error_class`."""

    work: Work
    asked: Asked
    result: Any = None
    error: str = ""
    error_class: str = "ConnectionError"


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the model, and the tools that were run after it. What it wrote may have been cut by a limit."""

    work: Work
    usage: TokenUsage
    answer: str = ""
    asked: tuple[Asked, ...] = ()
    tools: tuple[ToolRun, ...] = ()
    is_cut: bool = False


class LogicalRun(msgspec.Struct, frozen=True, kw_only=True):
    """A flow in which one agent works."""

    trace_id: str
    conversation: str
    flow: Work
    agent: Work
    turns: tuple[Turn, ...]

    @property
    def answer(self) -> str:
        return self.turns[-1].answer

    @property
    def usage(self) -> TokenUsage:
        return sum((turn.usage for turn in self.turns), TokenUsage())


SERVICE = "reisebüro"
FLOW = "plan_trip"
AGENT = "Reise-Agent 🧭"
PROVIDER = "openai"
MODEL_ASKED = "gpt-4.1-mini"
MODEL = "gpt-4.1-mini-2025-04-14"
QUESTION = "Ein Wochenende in 東京, was kostet es?\nBitte „genau“, mit \\ und \t und שלום."
SYSTEM = "You plan trips. Use the tools."
ANSWER = "Nimm OS 51 um 07:05 für 240 €.\nDer Umrechner war nicht zu erreichen: e\u0301, 👩‍🚀."
FAILED = "no route to rates.example: „EUR→¥“"

FLIGHTS = Asked(
    name="search_flights",
    call_id="call_7Hf1",
    arguments={
        "from": "Zürich",
        "to": "東京 \u202eabc",
        "note": "Fensterplatz; " * 1_500,
        "via": [
            {"city": f"Stadt {number} — ñ", "hours": number * 0.5, "direct": number % 2 == 0} for number in range(150)
        ],
        "most_yen": 9_007_199_254_740_991,
        "nothing": None,
        "deep": {"a": {"b": {"c": [[], {}, ""]}}},
    },
)
MONEY = Asked(name="convert_currency", call_id="call_9Zk2", arguments={"amount": 240, "to": "EUR"})
BOOKING = Asked(name="book_flight", call_id="call_3Bq3", arguments={"flight": "OS 51", "seats": [12, 13]})
FOUND = {"flights": [{"number": "OS 51", "at": "07:05", "yen": 41_000}], "more": False, "hint": "größer ≠ besser"}


def logical_run(number: int) -> LogicalRun:
    """The same run once more, under other ids."""

    def work(name: str, start_ns: int, end_ns: int) -> Work:
        span_id = sha256(f"{number} {name}".encode()).hexdigest()[:16]
        return Work(span_id=span_id, start_ns=BEGIN_NS + start_ns, end_ns=BEGIN_NS + end_ns)

    search = ToolRun(work=work("search", 2 * SECOND, 4 * SECOND + 7), asked=FLIGHTS, result=FOUND)
    convert = ToolRun(work=work("convert", 2 * SECOND + 1, 3 * SECOND), asked=MONEY, error=FAILED)
    return LogicalRun(
        trace_id=sha256(f"trace {number}".encode()).hexdigest()[:32],
        conversation="gespräch-42 ✈",
        flow=work("flow", 0, 9 * SECOND),
        agent=work("agent", 10, 9 * SECOND - 10),
        turns=(
            Turn(
                work=work("first model call", 1_000, 2 * SECOND - 1),
                usage=TokenUsage(input=1_200, output=310, cache_write=512, reasoning=64),
                asked=(FLIGHTS, MONEY, BOOKING),
                tools=(search, convert),
            ),
            Turn(
                work=work("second model call", 5 * SECOND, 8 * SECOND),
                usage=TokenUsage(input=2_345, output=120, cache_read=1_024),
                answer=ANSWER,
            ),
        ),
    )
