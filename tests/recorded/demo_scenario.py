"""The script of the demo run: three agents, one call made three times, one refused call that nobody mentions."""

from __future__ import annotations

from scenario import Fault, Reply, Scenario, Turn, call

WRITER_MODEL = "gpt-4.1"
FLIGHT_MODEL = "gpt-4.1-mini"
STAY_MODEL = "gpt-4.1-nano"
BUDGET_MODEL = "o4-mini"

OUTBOUND = call("search_flights", origin="VIE", destination="LIS", day="2026-05-08")
RETURN = call("search_flights", origin="LIS", destination="VIE", day="2026-05-10")

WRITER = (
    Turn(
        text="Needed: flights VIE-LIS for 8 to 10 May, a hotel for two nights, the weather, and a total in euros.",
        input_tokens=96,
        output_tokens=34,
        delay_ms=240,
    ),
    Turn(
        text="Fly out with TP 1277 and back with TP 1278, stay two nights at Casa do Largo. "
        "Sunny, 22 degrees. The whole weekend comes to 605 EUR.",
        input_tokens=412,
        output_tokens=58,
        cached_tokens=256,
        delay_ms=310,
    ),
)

FLIGHTS = (
    Turn(calls=(OUTBOUND, RETURN), input_tokens=210, output_tokens=52, delay_ms=130),
    Turn(calls=(OUTBOUND,), input_tokens=420, output_tokens=26, cached_tokens=128, delay_ms=110),
    Turn(calls=(OUTBOUND,), input_tokens=530, output_tokens=26, cached_tokens=384, delay_ms=120),
    Turn(
        text="Out: TP 1277 at 07:05, 240 USD. Back: TP 1278 at 07:05, 240 USD.",
        input_tokens=640,
        output_tokens=32,
        cached_tokens=512,
        delay_ms=150,
    ),
)

STAY = (
    Turn(
        calls=(
            call("search_hotels", city="Lisbon", nights=2),
            call("get_weather", city="Lisbon", day="2026-05-08"),
            call("get_weather", city="Lisbon", day="2026-05-09"),
        ),
        input_tokens=230,
        output_tokens=74,
        delay_ms=100,
    ),
    Turn(
        text="Casa do Largo, 176 USD for two nights. Sunny, 22 degrees on both days.",
        input_tokens=430,
        output_tokens=30,
        cached_tokens=128,
        delay_ms=140,
    ),
)

BUDGET = (
    Turn(
        calls=(call("convert_currency", amount=480, source="USD", target="EUR"),),
        input_tokens=260,
        output_tokens=160,
        reasoning_tokens=128,
        delay_ms=280,
    ),
    Turn(
        calls=(call("convert_currency", amount=176, source="USD", target="EUR"),),
        input_tokens=340,
        output_tokens=90,
        cached_tokens=128,
        reasoning_tokens=64,
        delay_ms=190,
    ),
    Turn(
        text="Flights 443 EUR and hotel 162 EUR: 605 EUR.",
        input_tokens=520,
        output_tokens=150,
        cached_tokens=256,
        reasoning_tokens=96,
        delay_ms=260,
    ),
)

DEMO = Scenario(
    name="demo",
    question="Plan a weekend in Lisbon from Vienna, 8 to 10 May 2026, and tell me the whole price in euros.",
    turns={WRITER_MODEL: WRITER, FLIGHT_MODEL: FLIGHTS, STAY_MODEL: STAY, BUDGET_MODEL: BUDGET},
    replies={
        "search_flights": (Reply(delay_ms=220),),
        "search_hotels": (Reply(delay_ms=2_600),),
        "get_weather": (Reply(delay_ms=90),),
        "convert_currency": (
            Reply(status=429, body='{"error": "rate limit reached, retry in 20 s"}', delay_ms=60),
            Reply(delay_ms=70),
        ),
    },
    faults=(
        Fault(kind="same_call_repeated_3_times", tool="search_flights", is_told=False),
        Fault(kind="rate_limited_429", tool="convert_currency", is_told=False),
        Fault(kind="one_slow_tool", tool="search_hotels", is_told=False),
    ),
)
