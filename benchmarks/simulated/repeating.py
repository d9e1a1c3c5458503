"""Faults: asking again for what is known, and hammering what does not answer."""

from simulated import failing
from simulated.agent import Agent, Call
from simulated.behaviour import Behaviour
from simulated.plain import lookup, search
from simulated.tools import Asked, Outcome


async def _other_reading(agent: Agent) -> None:
    for _ in range(agent.dice.randint(0, 2)):
        await agent.turn(agent.dice.choice((lookup, search))(agent))


def _in_other_words(asked: Asked, agent: Agent) -> Asked:
    """The same question: in another order, with blanks around it or with what is left out anyway."""
    arguments = dict(reversed(asked.arguments.items()))
    if agent.dice.random() < 0.2:
        arguments = {name: f"{value} " if isinstance(value, str) else value for name, value in arguments.items()}
    elif agent.dice.random() < 0.2:
        arguments["cursor"] = None
    return Asked(tool=asked.tool, arguments=arguments)


async def asks_what_it_knows(agent: Agent) -> None:
    dice = agent.dice
    asked, outcome = lookup(agent, locale="en") if dice.random() < 0.5 else search(agent)
    times = dice.choice((2, 2, 3, 4))
    spans = []
    for number in range(times):
        one = _in_other_words(asked, agent) if number % 2 else asked
        spans += [deed.span_id for deed in await agent.turn((one, outcome))]
        if number < times - 1:
            await _other_reading(agent)
    agent.expect("RF101", *spans, because="asks what it knows")
    if times > 2:
        agent.may("RF103", *spans)


async def another_agent_asks_again(agent: Agent) -> None:
    """One hands over to the next without what it found."""
    call = lookup(agent)
    (first,) = await agent.turn(call)
    helper = agent.fork(agent.words.made_up(), agent.words.phrase())
    with agent.inside("agent", helper.name) as around:
        (second,) = await helper.turn(call)
        heard = await helper.ask(answer=agent.words.text(12))
        around.result(heard.answer)
    agent.hear_from(heard.answer)
    agent.may("RF101", first.span_id, second.span_id)


async def hammers_a_dead_service(agent: Agent) -> None:
    """By itself, or because its model tells it to."""
    dice = agent.dice
    asked, outcome = dice.choice((lookup, search))(agent)
    failure = dice.choice((failing.down, failing.down, failing.timed_out, failing.rate_limited))
    tried: list[Call] = [(asked, Outcome(failure=failure(agent))) for _ in range(1)] * dice.randint(4, 9)
    ends_well = dice.random() < 0.3
    by_model = dice.random() < 0.6
    deeds = []
    asker = None if by_model else await agent.ask(asked)
    counts = dice.random() < 0.2  # each try says which it is
    for number, (one, answer) in enumerate([*tried, *([(asked, outcome)] if ends_well else [])], start=1):
        call = (Asked(tool=one.tool, arguments=one.arguments | ({"attempt": number} if counts else {})), answer)
        if asker is None:
            deeds += await agent.turn(call)
            if dice.random() < 0.15:
                await _other_reading(agent)
        else:
            deeds.append(await agent.run(*call, call_id=asker.asked[0][0], asker=asker))
            await agent.pause(dice.uniform(0.0, 0.2))
    failed = deeds[: len(tried)]
    spans = [deed.span_id for deed in deeds]
    agent.expect("RF102", *spans, because="hammers a dead service")
    code = {"down": "RF206", "timed_out": "RF207", "rate_limited": "RF203"}[failure.__name__]
    told = agent.may if ends_well else agent.expect
    told(code, *spans, because="hammers a dead service")
    if not ends_well:
        agent.open_failures += failed[-1:]
    agent.may("RF209", *spans)
    agent.may("RF103", *spans)


async def goes_round_in_circles(agent: Agent) -> None:
    """Two or three tools in turn, and never anything new; at times in other words."""
    dice = agent.dice
    circle = [dice.choice((lookup, search))(agent) for _ in range(dice.choice((2, 2, 3)))]
    rewords = dice.random() < 0.3
    spans = []
    for number in range(dice.randint(3, 5)):
        for asked, outcome in circle:
            more = {"hint": agent.words.phrase()} if rewords and number else {}
            (deed,) = await agent.turn((Asked(tool=asked.tool, arguments=asked.arguments | more), outcome))
            spans.append(deed.span_id)
    agent.expect("RF103", *spans, because="goes round in circles" + (", reworded" if rewords else ""))
    if not rewords:
        agent.may("RF101", *spans)


FAULTS = (
    Behaviour(asks_what_it_knows, "RF101"),
    Behaviour(hammers_a_dead_service, "RF102"),
    Behaviour(goes_round_in_circles, "RF103"),
    Behaviour(another_agent_asks_again, ""),
)
