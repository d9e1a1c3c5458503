"""No faults: words, numbers and sizes that only look like trouble."""

import base64
import uuid
from typing import Any

from simulated.agent import Agent, message
from simulated.behaviour import Behaviour
from simulated.plain import lookup, search
from simulated.tools import Asked, Outcome


async def reads_about_errors(agent: Agent) -> None:
    """Documents and search results in which things fail."""
    dice = agent.dice
    asked, _ = dice.choice((lookup, search))(agent)
    about = dice.choice(
        (
            "What 429 Too Many Requests means, and how to handle rate limits",
            "Error handling in distributed systems: timeouts, retries and 503 Service Unavailable",
            "The server returned an error: how to read a stack trace",
            "Postmortem: connection refused during the migration, permission denied afterwards",
            "Error budgets and the cost of failure",
        )
    )
    page = f"{about}. {agent.words.text(30)} An error occurred in 404 of 10,000 cases. {agent.words.text(20)}"
    results: tuple[Any, ...] = (
        {"title": about, "text": page},
        [{"title": about, "snippet": page[:120]}, {"title": agent.words.phrase(), "snippet": agent.words.text(10)}],
        page,
        {"error_count": 0, "errors": [], "rows": [agent.words.record()]},
        {"error": None, "data": agent.words.record()},
        {"error": "", "message": agent.words.phrase(), "data": agent.words.record()},
        {"order": agent.words.identifier(), "payment_status": "failed", "attempts": 2},
        {"suite": agent.words.made_up(), "passed": dice.randint(20, 90), "failed": dice.randint(1, 5), "errors": 0},
        {"ticket": agent.words.identifier(), "title": "Error 500 on login", "state": "open", "priority": "high"},
        {"application": agent.words.identifier(), "decision": "rejected", "reason": "income below the limit"},
        {"status": "ok", "warnings": ["deprecated field"], "rows": [agent.words.record()]},
        {
            "log": f"12:00:01 INFO start\n12:00:02 ERROR {agent.words.phrase()} timed out\n12:00:03 INFO done",
            "lines": 3,
        },
    )
    await agent.turn((asked, Outcome(result=dice.choice(results))))


async def follows_a_chain(agent: Agent) -> None:
    """Each call needs what the one before it told."""
    tool = agent.toolbox.pick("lookup")
    key = agent.words.identifier()
    for _ in range(agent.dice.randint(4, 8)):
        following = agent.words.identifier()
        result = {**agent.words.record(key, source=tool.name), "next": following}
        await agent.turn((Asked(tool=tool, arguments={tool.field: key}), Outcome(result=result)))
        key = following


async def researches_with_different_questions(agent: Agent) -> None:
    tool = agent.toolbox.pick("search")
    for _ in range(agent.dice.randint(3, 6)):
        await agent.turn(search(agent, tool))


async def writes_a_big_report(agent: Agent) -> None:
    agent.report_words = agent.dice.randint(700, 1_500)


async def hears_that_there_is_nothing(agent: Agent) -> None:
    """Which is an answer."""
    asked, _ = agent.dice.choice((lookup, search))(agent)
    result: Any = agent.dice.choice(([], {"found": False}, {"results": [], "total": 0}, "No results.", None))
    await agent.turn((asked, Outcome(result=result)))


async def shows_what_only_looks_secret(agent: Agent) -> None:
    dice = agent.dice
    asked, _ = lookup(agent)
    harmless = dice.choice(
        (
            {"commit": f"{dice.getrandbits(160):040x}"},
            {"id": str(uuid.UUID(int=dice.getrandbits(128), version=4))},
            {"api_key": dice.choice(("YOUR_API_KEY", "<api-key>", "sk-...", "${API_KEY}", "********", "[REDACTED]"))},
            {"password": None, "password_changed_at": "2026-01-04", "token_count": dice.randint(100, 9_000)},
            {"digest": f"sha256:{dice.getrandbits(256):064x}"},
            {"next_page_token": agent.words.made_up(), "max_tokens": 512},
            {
                "isbn": f"978{dice.randint(10**9, 10**10 - 1)}",
                "phone_model": "SM-G991B",
                "build": f"{dice.getrandbits(64)}",
            },
            {"public_key": f"-----BEGIN PUBLIC KEY-----\n{dice.getrandbits(380):064x}\n-----END PUBLIC KEY-----"},
            {"thumbnail": f"data:image/png;base64,{base64.b64encode(dice.randbytes(120)).decode()}"},
            {"secret_santa": agent.words.name(), "passwordless": True, "token_type": "bearer"},
        )
    )
    await agent.turn((asked, Outcome(result={**agent.words.record(), **harmless})))


async def leaves_out_what_is_old(agent: Agent) -> None:
    """Its context grows and is cut back."""
    for number in range(agent.dice.randint(6, 10)):
        asked, _ = search(agent)
        await agent.turn((asked, Outcome(result=agent.words.text(agent.dice.randint(60, 120)))))
        if number % 3 == 2:
            agent.history[2:] = [message("user", agent.words.text(20))]


def _has_a_cache(agent: Agent) -> None:
    agent.caches = True
    agent.history[0] = message("system", agent.words.text(agent.dice.randint(2_000, 6_000)))


async def has_a_long_context_that_is_cached(agent: Agent) -> None:
    for _ in range(agent.dice.randint(4, 8)):
        await agent.turn(search(agent))


QUIET = (
    Behaviour(reads_about_errors),
    Behaviour(follows_a_chain),
    Behaviour(researches_with_different_questions),
    Behaviour(writes_a_big_report),
    Behaviour(hears_that_there_is_nothing),
    Behaviour(shows_what_only_looks_secret),
    Behaviour(leaves_out_what_is_old),
    Behaviour(has_a_long_context_that_is_cached, concerns_whole_run=True, prepare=_has_a_cache),
)
