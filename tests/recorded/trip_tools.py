"""The tools of the trip assistant: plain functions that ask a server and raise what the HTTP client raises."""

from __future__ import annotations

import httpx
from stub_server import HOST, PORT

TIMEOUT_MS = 400
LONG_TIMEOUT_MS = 5_000


def search_flights(origin: str, destination: str, day: str, page: int = 1) -> str:
    """Find flights between two airports on a day, one page of results at a time.

    Args:
        origin: Code of the airport to leave from.
        destination: Code of the airport to fly to.
        day: The day, as 2026-05-08.
        page: Which page of the results.

    """
    return _ask("search_flights", origin=origin, destination=destination, day=day, page=page)


def get_weather(city: str, day: str) -> str:
    """Forecast the weather of a city on a day.

    Args:
        city: Name of the city.
        day: The day, as 2026-05-08.

    """
    return _ask("get_weather", city=city, day=day)


def convert_currency(amount: int, source: str, target: str) -> str:
    """Convert an amount of money from one currency into another.

    Args:
        amount: How much.
        source: Code of the currency it is in.
        target: Code of the currency wanted.

    """
    return _ask("convert_currency", amount=amount, source=source, target=target)


def search_hotels(city: str, nights: int) -> str:
    """Find hotels in a city for a number of nights.

    Args:
        city: Name of the city.
        nights: How many nights.

    """
    return _ask("search_hotels", timeout_ms=LONG_TIMEOUT_MS, city=city, nights=nights)


def get_status(booking: str) -> str:
    """Say how far a booking is.

    Args:
        booking: Number of the booking.

    """
    return _ask("get_status", booking=booking)


TOOLS = (search_flights, get_weather, convert_currency, get_status)


def _ask(tool: str, *, timeout_ms: int = TIMEOUT_MS, **arguments: str | int) -> str:
    answer = httpx.post(
        f"http://{HOST}:{PORT}/tools/{tool}",
        json=arguments,
        headers={"x-timeout-ms": str(timeout_ms)},
        timeout=timeout_ms / 1_000,
    )
    answer.raise_for_status()
    return answer.text
