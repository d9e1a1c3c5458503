"""Faults: time that is lost by the order of the work, by waiting and by what is slow."""

from simulated.agent import Agent, Call
from simulated.behaviour import Behaviour
from simulated.deeds import ToolDeed
from simulated.plain import listing, lookup, search
from simulated.tools import Asked, Outcome, Tool


async def fetches_one_by_one(agent: Agent) -> None:
    """A list first, then every item of it for itself: by a program, in one turn or in many."""
    dice = agent.dice
    noun = agent.words.noun()
    tool = agent.toolbox.pick("lookup", noun=noun)
    keys = [agent.words.identifier() for _ in range(dice.randint(5, 12))]
    if dice.random() < 0.3:
        batch, half = agent.toolbox.pick("batch", noun=noun, plural=True), keys[:3]
        await agent.turn(
            (
                Asked(tool=batch, arguments={"ids": half}),
                Outcome(result=[agent.words.record(key, source=batch.name) for key in half]),
            )
        )
        keys = [agent.words.identifier() for _ in keys]
    await agent.turn(listing(agent, _listing_tool(agent, tool), keys))
    calls = [lookup(agent, tool, key) for key in keys]
    way = dice.choice(("program", "turn", "turns"))
    deeds = await _one_after_another(agent, calls, way)
    spans = [deed.span_id for deed in deeds]
    agent.expect("RF104", *spans, because=f"fetches one by one, {way}")
    agent.may("RF105", *spans)


def _listing_tool(agent: Agent, tool: Tool) -> Tool:
    made = agent.toolbox.pick("list", noun=tool.noun, plural=True)
    return Tool(name=made.name, kind="list", noun=made.noun, seconds=made.seconds, field=tool.field)


async def _one_after_another(agent: Agent, calls: list[Call], way: str) -> list[ToolDeed]:
    if way == "turn":
        return await agent.turn(*calls, side_by_side=False)
    if way == "turns":
        return [deed for call in calls for deed in await agent.turn(call)]
    with agent.inside("step", f"{agent.words.made_up()}_{agent.words.noun()}"):
        return [await agent.run(*call) for call in calls]


async def waits_for_what_it_does_not_need(agent: Agent) -> None:
    """Independent calls, one after the other, in one turn or in a step."""
    dice = agent.dice
    calls = [dice.choice((lookup, search))(agent) for _ in range(dice.randint(3, 5))]
    calls = [(asked, Outcome(result=outcome.result, seconds=dice.uniform(0.6, 2.5))) for asked, outcome in calls]
    way = dice.choice(("program", "turn"))
    deeds = await _one_after_another(agent, calls, way)
    agent.expect("RF105", *(deed.span_id for deed in deeds), because=f"waits for what it does not need, {way}")


async def one_call_takes_all_the_time(agent: Agent) -> None:
    """Which of the two it is: a tool, or a model that is slow to write little."""
    dice = agent.dice
    if dice.random() < 0.7:
        asked, outcome = dice.choice((lookup, search))(agent)
        (deed,) = await agent.turn((asked, Outcome(result=outcome.result, seconds=dice.uniform(25, 90))))
        agent.owners.append(deed.span_id)
        return
    call = search(agent)
    slow = await agent.ask(call[0], seconds=dice.uniform(25, 90))
    await agent.run(*call, call_id=slow.asked[0][0], asker=slow)
    agent.owners.append(slow.span_id)


async def stands_still(agent: Agent) -> None:
    """Nobody knows what for."""
    await agent.turn(search(agent))
    began_ns = agent.now_ns()
    await agent.pause(agent.dice.uniform(6, 40))
    agent.gaps.append((began_ns, agent.now_ns()))


async def one_of_many_is_slow(agent: Agent) -> None:
    dice = agent.dice
    asked_first, _ = search(agent)
    tool = asked_first.tool
    number, slow = dice.randint(6, 10), dice.randint(10, 30)
    chosen = dice.randrange(number)
    calls = []
    for position in range(number):
        asked, outcome = search(agent, tool)
        seconds = tool.seconds * dice.uniform(0.8, 1.2) * (slow if position == chosen else 1)
        calls.append((asked, Outcome(result=outcome.result, seconds=seconds)))
    if dice.random() < 0.5:
        deeds = await agent.turn(*calls)
    else:
        deeds = [deed for call in calls for deed in await agent.turn(call)]
    agent.expect("RF108", deeds[chosen].span_id, because="one of many is slow")
    agent.slow.append(deeds[chosen].span_id)


FAULTS = (
    Behaviour(fetches_one_by_one, "RF104"),
    Behaviour(waits_for_what_it_does_not_need, "RF105"),
    Behaviour(one_call_takes_all_the_time, "RF106", concerns_whole_run=True),
    Behaviour(stands_still, "RF107", concerns_whole_run=True),
    Behaviour(one_of_many_is_slow, "RF108", concerns_whole_run=True),
)
