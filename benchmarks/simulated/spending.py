"""Faults: tokens that were spent for nothing, and answers that were cut."""

import asyncio

from simulated.agent import Agent, fail_with, message
from simulated.behaviour import Behaviour
from simulated.failing import down
from simulated.plain import search, some_plain_work
from simulated.tools import Outcome

LIMITS = (256, 512, 1_024, 4_096)  # tokens
CUT = ("length", "max_tokens", "MAX_TOKENS", "length")


async def lets_its_context_grow(agent: Agent) -> None:
    """Every turn brings a large result, and nothing is ever left out."""
    dice = agent.dice
    models = []
    for _ in range(dice.randint(9, 12)):
        asked, _ = search(agent)
        models.append(await agent.ask(asked))
        page = {"page": agent.words.text(dice.randint(500, 900))}
        await agent.run(asked, Outcome(result=page), call_id=models[-1].asked[0][0], asker=models[-1])
    agent.expect("RF301", *(model.span_id for model in models), because="lets its context grow")
    for code in ("RF303", "RF305"):
        agent.may(code)


def _has_much_to_say_first(agent: Agent) -> None:
    """Instructions or descriptions of tools; the instructions can be seen."""
    agent.tells_cache = True
    tokens = agent.dice.randint(5_000, 20_000)
    if agent.dice.random() < 0.5:
        agent.history[0] = message("system", agent.words.text(tokens // 2))
    else:
        agent.fixed_tokens = tokens


async def sends_the_same_each_time(agent: Agent) -> None:
    before = len(agent.diary.models)
    for _ in range(agent.dice.randint(4, 7)):
        await agent.turn(search(agent, hits=1))
    agent.expect("RF303", *(model.span_id for model in agent.diary.models[before:]), because="sends the same each time")


async def runs_out_of_output(agent: Agent) -> None:
    """In the middle of what it says before it uses a tool, or of the answer."""
    if agent.dice.random() < 0.5:
        agent.answer_limit = agent.dice.choice(LIMITS)
        return
    call = search(agent)
    text = agent.words.text(agent.dice.randint(80, 200)).rstrip(".")
    cut = await agent.ask(call[0], answer=text, finish=agent.dice.choice(CUT), written_tokens=agent.dice.choice(LIMITS))
    await agent.run(*call, call_id=cut.asked[0][0], asker=cut)
    agent.expect("RF302", cut.span_id, because="runs out of output before a tool")


async def throws_a_branch_away(agent: Agent) -> None:
    """Two go for it: the slower one is cancelled; or the first gives up, and another begins from nothing."""
    task = agent.words.text(40)
    lost, kept = agent.fork(agent.words.made_up(), task), agent.fork(agent.words.made_up(), task)
    before = len(agent.diary.models)
    if agent.dice.random() < 0.5:
        losing = asyncio.create_task(_branch(lost, 12))
        await asyncio.sleep(0)
        agent.hear_from(await _branch(kept, 2))
        losing.cancel()
        await asyncio.gather(losing, return_exceptions=True)
        because = "a race"
    else:
        await asyncio.gather(_branch(lost, agent.dice.randint(2, 4), ends_well=False), return_exceptions=True)
        agent.hear_from(await _branch(kept, 2))
        because = "begins anew"
    spans = [model.span_id for model in agent.diary.models[before:] if model.agent == lost.name]
    agent.expect("RF304", *agent.branches, *spans, because=f"throws a branch away: {because}")
    for code in ("RF105", "RF206", "RF209"):
        agent.may(code)


async def _branch(agent: Agent, turns: int, *, ends_well: bool = True) -> str:
    with agent.inside("agent", agent.name, agent.history[1]["parts"][0]["content"]) as span:
        if not ends_well or turns > 10:
            agent.branches.append(span.span_id)
        for _ in range(turns):
            await agent.turn(search(agent))
        if not ends_well:
            fail_with(down(agent))
        deed = await agent.ask(answer=agent.words.text(30))
        span.result(deed.answer)
    return deed.answer


async def spends_it_all_in_one_place(agent: Agent) -> None:
    """One call reads something enormous; all the others are small."""
    await some_plain_work(agent)
    reader = agent.fork(agent.words.made_up(), agent.words.text(agent.dice.randint(20, 60)))
    reader.fixed_tokens = agent.dice.randint(40_000, 120_000)  # a document whose text is not recorded
    with agent.inside("agent", reader.name) as span:
        deed = await reader.ask(answer=agent.words.text(30))
        span.result(deed.answer)
    agent.hear_from(deed.answer)
    agent.spenders.append((deed.span_id, span.span_id))


FAULTS = (
    Behaviour(lets_its_context_grow, "RF301", concerns_whole_run=True),
    Behaviour(sends_the_same_each_time, "RF303", concerns_whole_run=True, prepare=_has_much_to_say_first),
    Behaviour(runs_out_of_output, "RF302"),
    Behaviour(throws_a_branch_away, "RF304", concerns_whole_run=True),
    Behaviour(spends_it_all_in_one_place, "RF305", concerns_whole_run=True),
)
