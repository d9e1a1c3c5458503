"""Traces that somebody sends by mistake or on purpose, of any size."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from reev_flow.trace.span import Flag, Source, Span, SpanEvent, SpanLink, Status
from support.sessions import START_NS
from support.stored_spans import TRACE_ID, span, span_id, told_by_logs

DEEP, WIDE, LARGE = 5_000, 20_000, 1_000_000
LAST_NS = 2**64 - 1
CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt"}
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look"}


class Hostile(NamedTuple):
    """`make` gives it for a size, `size` is the one it has to be borne with. `flags` are those that some of its spans must have."""

    make: Callable[[int], list[Span]]
    size: int
    flags: frozenset[Flag] = frozenset()


def chain(size: int) -> list[Span]:
    return [span(n + 1, n or None, lasts_ms=size) for n in range(size)]


def chain_of_tools(size: int) -> list[Span]:
    return [span(n + 1, n or None, lasts_ms=size, attributes=TOOL) for n in range(size)]


def fan(size: int) -> list[Span]:
    return [span(1, lasts_ms=size), *(span(n + 1, 1, start_ms=n, lasts_ms=1, attributes=TOOL) for n in range(1, size))]


def fan_at_once(size: int) -> list[Span]:
    return [span(1), *(span(n + 1, 1) for n in range(1, size))]


def circle(size: int) -> list[Span]:
    return [span(n + 1, (n + 1) % size + 1) for n in range(size)]


def circles(size: int) -> list[Span]:
    return [span(n + 1, n + 1) for n in range(size)]


def orphans(size: int) -> list[Span]:
    return [span(n + 1, parent_id=span_id(size + n + 1)) for n in range(size)]


def ids_used_again(size: int) -> list[Span]:
    """One id, each time for something else."""
    return [span(1), *(span(2, 1, name=f"work {n}", attributes={"n": n}) for n in range(size))]


def told_differently(size: int) -> list[Span]:
    """The same work, each time with another value."""
    return [span(1, name="work", attributes={"n": "x" * n}) for n in range(size)]


def large_attribute(size: int) -> list[Span]:
    text = '{"messages": [' + '"x",' * (size // 4) + '"x"]}'
    return [span(1, attributes={**TOOL, "gen_ai.tool.call.arguments": text, "gen_ai.tool.call.result": text})]


def many_attributes(size: int) -> list[Span]:
    return [span(1, attributes={**CALL, **{f"llm.output_messages.{n}.message.content": "x" for n in range(size)}})]


def many_events(size: int) -> list[Span]:
    events = tuple(
        SpanEvent(time_ns=START_NS + n, name="gen_ai.choice", attributes={"content": "x"}) for n in range(size)
    )
    return [span(1, attributes=CALL, events=events)]


def many_links(size: int) -> list[Span]:
    return [span(1, links=tuple(SpanLink(trace_id=TRACE_ID, span_id=span_id(n + 1)) for n in range(size)))]


def deep_json(size: int) -> list[Span]:
    return [span(1, attributes={**TOOL, "gen_ai.tool.call.arguments": "[" * size + "]" * size})]


def logs_without_spans(size: int) -> list[Span]:
    return [told_by_logs(n + 1, content="x") for n in range(size)]


def unfinished(size: int) -> list[Span]:
    return [span(n + 1, n or None, lasts_ms=None) for n in range(size)]


def without_times(size: int) -> list[Span]:
    nothing = frozenset({Flag.UNFINISHED, Flag.MISSING_START})
    return [
        Span(trace_id=TRACE_ID, span_id=span_id(n + 1), name="x", start_ns=0, end_ns=0, flags=nothing)
        for n in range(size)
    ]


def huge_times(size: int) -> list[Span]:
    one = Span(trace_id=TRACE_ID, span_id=span_id(1), name="x", start_ns=1, end_ns=LAST_NS)
    late = (
        Span(
            trace_id=TRACE_ID,
            span_id=span_id(n + 2),
            parent_id=span_id(1),
            name="x",
            start_ns=LAST_NS - n,
            end_ns=LAST_NS,
        )
        for n in range(size)
    )
    backwards = Span(trace_id=TRACE_ID, span_id="f" * 16, name="x", start_ns=LAST_NS, end_ns=1)
    return [one, *late, backwards]


def odd_values(size: int) -> list[Span]:
    odd = (
        float("nan"),
        float("inf"),
        -float("inf"),
        2**63 - 1,
        -(2**63),
        -0.0,
        "",
        b"\xff\x00",
        "half \ud800",
        "\x1b[31m\u202e",
    )
    return [
        span(
            n + 1,
            name="\ud800 half",
            status=Status.ERROR,
            status_message="\udfff",
            attributes={
                **CALL,
                "gen_ai.usage.input_tokens": odd[n % len(odd)],
                "gen_ai.conversation.id": "\ud800",
                "x": list(odd),
            },
        )
        for n in range(size)
    ]


def services(size: int) -> list[Span]:
    shop, *others = (Source(service=name, resource={"service.name": name}) for name in map(str, range(size)))
    return [span(1, source=shop), *(span(n, 1, start_ms=-50, source=one) for n, one in enumerate(others, start=2))]


def conversations(size: int) -> list[Span]:
    return [span(n + 1, 1 if n else None, attributes={"session.id": f"talk {n}"}) for n in range(size)]


HOSTILE: Mapping[str, Hostile] = {
    "5,000 deep": Hostile(chain, DEEP),
    "5,000 tools deep": Hostile(chain_of_tools, DEEP),
    "20,000 wide": Hostile(fan, WIDE),
    "20,000 at once": Hostile(fan_at_once, WIDE),
    "a circle": Hostile(circle, DEEP, frozenset({Flag.CYCLE})),
    "many circles": Hostile(circles, DEEP, frozenset({Flag.CYCLE})),
    "orphans": Hostile(orphans, DEEP, frozenset({Flag.ORPHAN})),
    "one id for everything": Hostile(ids_used_again, DEEP, frozenset({Flag.DUPLICATE_ID})),
    "told differently each time": Hostile(told_differently, 1_000, frozenset({Flag.CONFLICTING_VALUES})),
    "an attribute of 1 MB": Hostile(large_attribute, LARGE),
    "10,000 attributes": Hostile(many_attributes, 10_000),
    "10,000 events": Hostile(many_events, 10_000),
    "10,000 links": Hostile(many_links, 10_000),
    "deep JSON": Hostile(deep_json, 100_000),
    "logs without spans": Hostile(logs_without_spans, DEEP),
    "nothing ever ends": Hostile(unfinished, DEEP, frozenset({Flag.UNFINISHED})),
    "no times at all": Hostile(without_times, DEEP, frozenset({Flag.UNFINISHED, Flag.MISSING_START})),
    "huge times": Hostile(huge_times, DEEP, frozenset({Flag.NEGATIVE_DURATION})),
    "odd values": Hostile(odd_values, 1_000),
    "a service for each span": Hostile(services, DEEP, frozenset({Flag.CLOCK_SKEW})),
    "a conversation for each span": Hostile(conversations, DEEP),
}
