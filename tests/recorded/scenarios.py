"""The runs that are recorded: one clean, one faulty, and one for each thing that is easily misread."""

from __future__ import annotations

from dataclasses import replace

from scenario import MODEL, Fault, Reply, Scenario, Turn, call

QUESTION = "Plan a weekend in Lisbon from Vienna, leaving on 2026-05-08, and tell me the price in euros."
FLIGHTS = call("search_flights", origin="VIE", destination="LIS", day="2026-05-08")
WEATHER = call("get_weather", city="Lisbon", day="2026-05-08")
MONEY = call("convert_currency", amount=240, source="USD", target="EUR")
STATUS = call("get_status", booking="LIS-4711")

ANSWER = "Fly with TP 1277 at 07:05 for 240 USD, about 221 EUR. Expect 22 degrees and sun."
UNCERTAIN = "Fly with TP 1277 at 07:05 for 240 USD. I could not look up everything: one service refused."
RATE_LIMITED = Reply(status=429, body='{"error": "rate limit reached, retry in 20 s"}')


def _run(name: str, *turns: Turn, question: str = QUESTION, **more: object) -> Scenario:
    return Scenario(name=name, question=question, turns={MODEL: turns}, **more)  # type: ignore[arg-type] # passed on as given


CLEAN = _run(
    "clean",
    Turn(calls=(FLIGHTS, WEATHER), input_tokens=180, output_tokens=46, delay_ms=90),
    Turn(calls=(MONEY,), input_tokens=342, output_tokens=24, cached_tokens=128),
    Turn(text=ANSWER, input_tokens=398, output_tokens=38, cached_tokens=256, reasoning_tokens=12, delay_ms=110),
    replies={"search_flights": (Reply(delay_ms=180),), "get_weather": (Reply(delay_ms=70),)},
)

FAULTY = _run(
    "faulty",
    Turn(calls=(FLIGHTS,), input_tokens=180, output_tokens=24),
    Turn(calls=(FLIGHTS,), input_tokens=290, output_tokens=24),
    Turn(calls=(FLIGHTS,), input_tokens=400, output_tokens=24, cached_tokens=256),
    Turn(calls=(MONEY,), input_tokens=510, output_tokens=22, cached_tokens=384),
    Turn(text=ANSWER, input_tokens=560, output_tokens=36, cached_tokens=384, delay_ms=110),
    replies={"search_flights": (Reply(delay_ms=120),), "convert_currency": (RATE_LIMITED,)},
    faults=(
        Fault(kind="same_call_repeated_3_times", tool="search_flights", is_told=False),
        Fault(kind="rate_limited_429", tool="convert_currency", is_told=False),
    ),
)

NO_ANSWER = _run(
    "no_answer",
    Turn(calls=(FLIGHTS,), input_tokens=180, output_tokens=24),
    Turn(calls=(WEATHER,), input_tokens=290, output_tokens=20),
    Turn(calls=(MONEY,), input_tokens=350, output_tokens=22),
    faults=(Fault(kind="ended_without_answer", tool="", is_told=False),),
    most_model_calls=3,
)


def _one_tool_fails(name: str, kind: str, reply: Reply, *, is_told: bool = True) -> Scenario:
    return _run(
        name,
        Turn(calls=(FLIGHTS, MONEY), input_tokens=180, output_tokens=48),
        Turn(text=UNCERTAIN if is_told else ANSWER, input_tokens=330, output_tokens=34),
        replies={"convert_currency": (reply,), "search_flights": (Reply(delay_ms=110),)},
        faults=(Fault(kind=kind, tool="convert_currency", is_told=is_told),),
    )


UNAUTHORIZED = _one_tool_fails(
    "unauthorized", "unauthorized_401", Reply(status=401, body='{"error": "invalid api key"}')
)
FORBIDDEN = _one_tool_fails(
    "forbidden", "forbidden_403", Reply(status=403, body='{"error": "plan does not include rates"}')
)
NOT_FOUND = _one_tool_fails("not_found", "not_found_404", Reply(status=404, body='{"error": "no rate USD to EUR"}'))
UNAVAILABLE = _one_tool_fails("unavailable", "unavailable_503", Reply(status=503, body='{"error": "maintenance"}'))
TIMEOUT = _one_tool_fails("timeout", "timeout", Reply(delay_ms=600))
ERROR_TEXT = _one_tool_fails("error_text", "rate_limited_429", RATE_LIMITED, is_told=False)

RETRIED = _run(
    "retried",
    Turn(calls=(MONEY,), input_tokens=180, output_tokens=22),
    Turn(calls=(MONEY,), input_tokens=230, output_tokens=22),
    Turn(text=ANSWER, input_tokens=290, output_tokens=36),
    replies={"convert_currency": (Reply(status=503, body='{"error": "maintenance"}'), Reply())},
    faults=(Fault(kind="unavailable_503_then_ok", tool="convert_currency", is_told=False),),
)

PAGINATION = _run(
    "pagination",
    *(
        Turn(
            calls=(call("search_flights", origin="VIE", destination="LIS", day="2026-05-08", page=page),),
            input_tokens=70 + 110 * page,
            output_tokens=28,
        )
        for page in (1, 2, 3, 4)
    ),
    Turn(text=ANSWER, input_tokens=620, output_tokens=36),
)

POLLING = _run(
    "polling",
    Turn(calls=(STATUS,), input_tokens=120, output_tokens=16),
    Turn(calls=(STATUS,), input_tokens=150, output_tokens=16),
    Turn(calls=(STATUS,), input_tokens=180, output_tokens=16),
    Turn(text="Your booking LIS-4711 is confirmed.", input_tokens=210, output_tokens=14),
    question="Is my booking LIS-4711 confirmed? Wait for it.",
    replies={
        "get_status": (
            Reply(body='{"status": "pending"}'),
            Reply(body='{"status": "pending"}'),
            Reply(body='{"status": "done"}'),
        )
    },
)

FAN_OUT = _run(
    "fan_out",
    Turn(
        calls=tuple(call("get_weather", city=city, day="2026-05-08") for city in ("Lisbon", "Porto", "Faro", "Evora")),
        input_tokens=160,
        output_tokens=72,
    ),
    Turn(text="Faro is the warmest of the four.", input_tokens=310, output_tokens=14),
    question="Which of Lisbon, Porto, Faro and Evora is warmest on 2026-05-08?",
    replies={"get_weather": (Reply(delay_ms=50), Reply(delay_ms=90), Reply(delay_ms=130), Reply(delay_ms=70))},
)

CONVERSATION = _run(
    "conversation",
    *CLEAN.turns[MODEL],
    Turn(calls=(STATUS,), input_tokens=460, output_tokens=16, cached_tokens=384),
    Turn(text="Yes, booking LIS-4711 is done.", input_tokens=500, output_tokens=12, cached_tokens=384),
)

FINAL_ANSWER_TOOL = _run(
    "clean_with_final_answer_tool",
    *CLEAN.turns[MODEL][:2],
    Turn(calls=(call("final_answer", answer=ANSWER),), input_tokens=398, output_tokens=38, delay_ms=110),
    replies=CLEAN.replies,
)

FINAL_RESPONSE_TOOL = _run(
    "clean_with_final_response",
    *CLEAN.turns[MODEL][:2],
    Turn(calls=(call("final_answer", response=ANSWER),), input_tokens=398, output_tokens=38, delay_ms=110),
    replies=CLEAN.replies,
)

HIDDEN_ERROR = replace(
    FAULTY,
    name="faulty_with_hidden_cause",
    faults=tuple(replace(fault, is_visible=fault.kind != "rate_limited_429") for fault in FAULTY.faults),
)

MODEL_CALLS_ONLY = replace(CLEAN, name="clean_without_tool_spans", are_tools_traced=False)
