"""Faults: effects that happened twice, and what should never have been written down."""

import base64
import string
from collections.abc import Callable
from random import Random

from simulated.agent import Agent
from simulated.behaviour import Behaviour
from simulated.failing import timed_out
from simulated.plain import action, done, lookup, some_plain_work
from simulated.tools import Asked, Failure, Outcome

ADDS_UP = ("create", "send", "book", "submit", "charge", "order", "transfer", "post", "place")
"""Whoever updates or deletes twice has done it once."""


async def does_it_twice(agent: Agent) -> None:
    """Because it forgot, or because it did not hear of the first time."""
    dice = agent.dice
    tool = agent.toolbox.pick("act")
    while not any(verb in tool.name.lower() for verb in ADDS_UP):
        tool = agent.toolbox.pick("act")
    asked, outcome = action(agent, tool, to=f"{agent.words.made_up()}@{agent.words.made_up()}.example")
    if dice.random() < 0.3:  # a key that is new each time says that it is meant, or protects from nothing
        asked = Asked(tool=tool, arguments=asked.arguments | {"idempotency_key": _letters(dice, 20)})
        again = Asked(tool=tool, arguments=asked.arguments | {"idempotency_key": _letters(dice, 20)})
    else:
        again = asked
    was_heard = dice.random() < 0.75
    first = outcome if was_heard else Outcome(failure=timed_out(agent))
    (one,) = await agent.turn((asked, first))
    if dice.random() < 0.5:
        await some_plain_work(agent)
    (two,) = await agent.turn((again, Outcome(result=done(agent))))
    told = agent.expect if was_heard and again is asked else agent.may
    told("RF401", one.span_id, two.span_id, because="does it twice")
    for code in ("RF101", "RF207", "RF404"):
        agent.may(code)


def _letters(dice: Random, length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(dice.choices(alphabet, k=length))


def _key_of_a_provider(dice: Random) -> str:
    return dice.choice(
        (
            f"sk-proj-{_letters(dice, 48)}",
            f"sk_live_{_letters(dice, 24)}",
            f"ghp_{_letters(dice, 36)}",
            f"AKIA{_letters(dice, 16, string.ascii_uppercase + string.digits)}",
            f"xoxb-{_letters(dice, 12, string.digits)}-{_letters(dice, 12, string.digits)}-{_letters(dice, 24)}",
            f"glpat-{_letters(dice, 20)}",
            f"AIza{_letters(dice, 35)}",
        )
    )


def _token(dice: Random) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(
        f'{{"sub":"{_letters(dice, 8)}","exp":{dice.randint(1_700_000_000, 1_900_000_000)}}}'.encode()
    )
    return f"{head}.{body.decode().rstrip('=')}.{_letters(dice, 43)}"


def _private_key(dice: Random) -> str:
    lines = "\n".join(_letters(dice, 64) for _ in range(4))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----"


def _address_with_password(dice: Random) -> str:
    return f"postgres://{_letters(dice, 6, string.ascii_lowercase)}:{_letters(dice, 14)}@db.internal:5432/{_letters(dice, 5, string.ascii_lowercase)}"


def _card(dice: Random) -> str:
    digits = [4, *(dice.randint(0, 9) for _ in range(14))]
    doubled = [digit * 2 - 9 * (digit > 4) if position % 2 == 0 else digit for position, digit in enumerate(digits)]
    digits.append(-sum(doubled) % 10)
    text = "".join(map(str, digits))
    return dice.choice((text, " ".join(text[at : at + 4] for at in range(0, 16, 4))))


SECRETS: tuple[tuple[Callable[[Random], str], tuple[str, ...]], ...] = (
    (_key_of_a_provider, ("api_key", "token", "note", "config")),
    (_token, ("authorization", "session", "headers", "note")),
    (_private_key, ("key", "file", "content")),
    (_address_with_password, ("url", "dsn", "connection")),
    (lambda dice: _letters(dice, 16), ("password", "client_secret")),
    (lambda dice: f"Bearer {_token(dice)}", ("authorization", "header")),
    (_card, ("card_number", "payment", "note")),
)


async def writes_a_secret_down(agent: Agent) -> None:
    dice = agent.dice
    make, names = dice.choice(SECRETS)
    secret, name = make(dice), dice.choice(names)
    asked, outcome = dice.choice((lookup, action))(agent)
    where = dice.random()
    if where < 0.1:
        leaked = Failure(
            kind="OperationalError", text=f"could not connect with {_address_with_password(dice)}", module="psycopg"
        )
        outcome = Outcome(failure=leaked)
        agent.may("RF206")
    elif where < 0.6:
        asked = Asked(tool=asked.tool, arguments=asked.arguments | {name: secret})
    else:
        outcome = Outcome(result={**agent.words.record(), name: secret})
    (deed,) = await agent.turn((asked, outcome))
    if outcome.failure:
        agent.open_failures.append(deed)
    agent.expect("RF404", because=f"writes a secret down: {name}")  # every later call of the model repeats it


FAULTS = (Behaviour(does_it_twice, "RF401"), Behaviour(writes_a_secret_down, "RF404"))
