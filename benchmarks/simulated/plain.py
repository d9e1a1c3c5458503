"""What an agent does when all is well."""

from typing import Any

from simulated.agent import Agent, Call
from simulated.deeds import ToolDeed
from simulated.tools import Asked, Outcome, Tool


def lookup(agent: Agent, tool: Tool | None = None, key: Any = None, **more: Any) -> Call:
    """One thing by its id."""
    tool = tool or agent.toolbox.pick("lookup")
    key = agent.words.identifier() if key is None else key
    result = agent.words.record(key, source=tool.name)
    return Asked(tool=tool, arguments={tool.field: key} | more), Outcome(result=result)


def search(agent: Agent, tool: Tool | None = None, phrase: str | None = None, hits: int | None = None) -> Call:
    tool = tool or agent.toolbox.pick("search")
    hits = agent.dice.randint(1, 5) if hits is None else hits
    results = [
        {"title": agent.words.phrase(), "snippet": agent.words.text(agent.dice.randint(8, 25))} for _ in range(hits)
    ]
    return Asked(tool=tool, arguments={tool.field: phrase or agent.words.phrase()}), Outcome(result=results)


def listing(agent: Agent, tool: Tool, keys: list[Any], **asked: Any) -> Call:
    """Several things, each with its id."""
    rows = [{tool.field: key, "title": agent.words.phrase()} for key in keys]
    return Asked(tool=tool, arguments={"filter": agent.words.phrase()} | asked), Outcome(
        result={"items": rows, "total": len(rows)}
    )


def action(agent: Agent, tool: Tool | None = None, **more: Any) -> Call:
    """Something that changes the world."""
    tool = tool or agent.toolbox.pick("act")
    arguments = {
        tool.field: agent.words.identifier(),
        "note": agent.words.phrase(),
        "amount": agent.dice.randint(1, 900),
    } | more
    return Asked(tool=tool, arguments=arguments), Outcome(result=done(agent))


def done(agent: Agent) -> Any:
    code = f"{agent.words.made_up()}-{agent.dice.getrandbits(24):06x}"
    return agent.dice.choice(("ok", "done", {"status": "ok", "confirmation": code}, {"success": True, "reference": code}, f"Saved as {code}."))  # fmt: skip


def _of_before(agent: Agent) -> Call:
    """Another question to a tool that was asked before."""
    known = [
        deed.asked.tool for deed in agent.diary.tools if deed.asked.tool.kind == "search" and not deed.outcome.failure
    ]
    return search(agent, agent.dice.choice(known) if known else None)


async def look_into_documents(agent: Agent) -> list[ToolDeed]:
    """By meaning: the question becomes a vector, and the nearest passages come back."""
    question = agent.words.phrase()
    with agent.inside("embedding", "text-embedding-3-small", question):
        await agent.pause(agent.dice.uniform(0.05, 0.2))
    with agent.inside("retrieval", agent.words.made_up(), question) as span:
        await agent.pause(agent.dice.uniform(0.05, 0.4))
        span.result([{"content": agent.words.text(30), "score": round(agent.dice.random(), 3)} for _ in range(4)])
    return []


async def some_plain_work(agent: Agent) -> list[ToolDeed]:
    """A turn or two of what most runs consist of."""
    dice = agent.dice
    if dice.random() < 0.06:
        return await look_into_documents(agent)
    kind = dice.choice((lookup, search, search, lookup, action, _of_before))
    if kind is not action and dice.random() < 0.3:
        return await agent.turn(*(kind(agent) for _ in range(dice.randint(2, 3))))
    done_now = await agent.turn(kind(agent))
    if dice.random() < 0.3:  # the next step needs what the last one told
        heard = str(done_now[0].outcome.result)[:40]
        return done_now + await agent.turn(search(agent, phrase=heard))
    return done_now
