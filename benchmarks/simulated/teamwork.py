"""No faults: much work at once, or by others, that is well spent."""

import asyncio
from contextlib import suppress
from typing import Any

from simulated import failing
from simulated.agent import MODELS, Agent
from simulated.behaviour import Behaviour
from simulated.plain import listing, lookup, search
from simulated.tools import Asked, Outcome


async def does_many_at_once(agent: Agent) -> None:
    tool = agent.toolbox.pick(agent.dice.choice(("lookup", "search")))
    kind = lookup if tool.kind == "lookup" else search
    await agent.turn(*(kind(agent, tool) for _ in range(agent.dice.randint(4, 12))))


async def fetches_all_at_once(agent: Agent) -> None:
    """A list, then one or two batches of its items."""
    dice = agent.dice
    noun = agent.words.noun()
    batch, tool = (
        agent.toolbox.pick("batch", noun=noun, plural=True),
        agent.toolbox.pick("list", noun=noun, plural=True),
    )
    keys = [agent.words.identifier() for _ in range(dice.randint(4, 10))]
    await agent.turn(listing(agent, tool, keys))
    half = len(keys) // 2
    for part in [keys] if dice.random() < 0.5 else [keys[:half], keys[half:]]:
        await agent.turn(
            (
                Asked(tool=batch, arguments={"ids": part}),
                Outcome(result=[agent.words.record(key, source=batch.name) for key in part]),
            )
        )


async def samples_and_judges(agent: Agent) -> None:
    """The same question several times on purpose, and all answers are weighed."""
    prompt = agent.words.text(30)
    samplers = [agent.fork(agent.words.made_up(), prompt) for _ in range(agent.dice.randint(2, 4))]
    answers = await asyncio.gather(*(one.ask(answer=agent.words.text(25)) for one in samplers))
    agent.diary.is_plain = False
    judge = agent.fork(agent.words.made_up(), "Choose the best.\n" + "\n".join(deed.answer for deed in answers))
    best = agent.dice.choice(answers).answer
    await judge.ask(answer=best)
    agent.hear_from(best)


async def has_others_work_beside_it(agent: Agent) -> None:
    """Sub-agents side by side, whose findings are all used."""
    helpers = [agent.fork(agent.words.made_up(), agent.words.text(15)) for _ in range(agent.dice.randint(2, 4))]

    async def work(helper: Agent) -> str:
        with agent.inside("agent", helper.name, helper.history[1]["parts"][0]["content"]) as span:
            for _ in range(agent.dice.randint(1, 2)):
                await helper.turn(search(helper))
            deed = await helper.ask(answer=agent.words.text(20))
            span.result(deed.answer)
            return deed.answer

    found = await asyncio.gather(*map(work, helpers))
    agent.hear_from("\n".join(found))


async def two_look_up_the_same_at_once(agent: Agent) -> None:
    """Neither could know of the other."""
    call = lookup(agent)
    helpers = [agent.fork(agent.words.made_up(), agent.words.text(15)) for _ in range(2)]

    async def work(helper: Agent) -> str:
        with agent.inside("agent", helper.name, helper.history[1]["parts"][0]["content"]) as span:
            await helper.turn(call)
            deed = await helper.ask(answer=agent.words.text(20))
            span.result(deed.answer)
            return deed.answer

    agent.hear_from("\n".join(await asyncio.gather(*map(work, helpers))))


async def asks_two_and_takes_the_first(agent: Agent) -> None:
    """The slower tool is cancelled; no model worked for it."""
    asked, outcome = search(agent)
    mirror = Asked(tool=agent.toolbox.pick("search", noun=asked.tool.noun), arguments=asked.arguments)
    slower = asyncio.create_task(agent.run(mirror, Outcome(result=outcome.result, seconds=4 * asked.tool.seconds)))
    await agent.run(asked, Outcome(result=outcome.result, seconds=asked.tool.seconds))
    slower.cancel()
    await asyncio.gather(slower, return_exceptions=True)


async def takes_another_model(agent: Agent) -> None:
    """The first one is too busy."""
    first, agent.model_name = agent.model_name, agent.dice.choice(MODELS)
    agent.diary.is_plain = False
    with suppress(Exception):
        await agent.ask(failure=failing.down(agent))
    await agent.turn(search(agent))
    agent.model_name = first


async def works_in_steps(agent: Agent) -> None:
    """Each needs what the one before it found."""
    heard: Any = agent.words.identifier()
    for _ in range(agent.dice.randint(2, 4)):
        with agent.inside("step", f"{agent.words.made_up()}_{agent.words.noun()}", {"from": heard}) as span:
            deed = await agent.run(*lookup(agent, key=heard))
            heard = agent.words.identifier()
            found = {**deed.outcome.result, "next": heard}
            span.result(found)


QUIET = (
    Behaviour(does_many_at_once),
    Behaviour(fetches_all_at_once),
    Behaviour(samples_and_judges),
    Behaviour(has_others_work_beside_it),
    Behaviour(two_look_up_the_same_at_once),
    Behaviour(asks_two_and_takes_the_first),
    Behaviour(takes_another_model),
    Behaviour(works_in_steps),
)
