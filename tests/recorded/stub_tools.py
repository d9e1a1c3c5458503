"""What the tools' servers answer: a result that depends on nothing but the arguments, or the scenario's reply."""

from __future__ import annotations

from typing import Any

from scenario import Reply, Scenario


def reply_of(scenario: Scenario, tool: str, number: int) -> Reply:
    replies = scenario.replies.get(tool, (Reply(),))
    return replies[min(number, len(replies) - 1)]


def result_of(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return RESULTS[tool](arguments)


def _flights(arguments: dict[str, Any]) -> dict[str, Any]:
    page = arguments.get("page", 1)
    back = int(arguments["origin"] == "LIS")
    return {
        "flights": [
            {"number": f"TP {1200 + 77 * page + back}", "departs": f"{6 + page:02d}:05", "price_usd": 200 + 40 * page},
            {"number": f"OS {400 + page + back}", "departs": f"{12 + page:02d}:40", "price_usd": 260 + 15 * page},
        ],
        "page": page,
        "pages": 4,
    }


def _weather(arguments: dict[str, Any]) -> dict[str, Any]:
    return {"city": arguments["city"], "day": arguments["day"], "degrees": 16 + len(arguments["city"]), "sky": "sunny"}


def _hotels(arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "city": arguments["city"],
        "hotels": [
            {"name": "Casa do Largo", "price_usd": 88 * arguments["nights"]},
            {"name": "Alfama Terrace", "price_usd": 121 * arguments["nights"]},
        ],
    }


RESULTS = {
    "search_flights": _flights,
    "get_weather": _weather,
    "search_hotels": _hotels,
    "convert_currency": lambda arguments: {
        "amount": round(arguments["amount"] * 0.92, 2),
        "currency": arguments["target"],
    },
    "get_status": lambda arguments: {"booking": arguments["booking"], "status": "done"},
}
