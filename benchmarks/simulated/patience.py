"""No faults: what is done again and again for a reason: pages, polls, second tries and waits."""

import uuid
from typing import Any

from simulated import failing
from simulated.agent import Agent
from simulated.behaviour import Behaviour
from simulated.plain import action, done, lookup, search
from simulated.tools import Asked, Failure, Outcome, Tool


async def turns_pages(agent: Agent) -> None:
    """By number, by offset or by cursor; two pages may happen to hold the same."""
    dice = agent.dice
    tool = agent.toolbox.pick("list", plural=True)
    way, pages = dice.choice(("page", "offset", "cursor")), dice.randint(3, 8)
    filter_by = agent.words.phrase()
    rows: list[Any] = []
    cursor = agent.words.identifier()
    for number in range(pages):
        place = (
            {"page": number + 1}
            if way == "page"
            else {"offset": number * 20}
            if way == "offset"
            else {"cursor": cursor}
        )
        cursor = agent.words.identifier()
        if not rows or dice.random() < 0.9:
            rows = [agent.words.record(source=tool.name) for _ in range(dice.randint(1, 4))]
        result = {"items": rows, "next": cursor if number < pages - 1 else None}
        await agent.turn((Asked(tool=tool, arguments={"filter": filter_by} | place), Outcome(result=result)))


async def asks_until_it_is_ready(agent: Agent) -> None:
    """With its model between, or by itself with pauses."""
    dice = agent.dice
    job = agent.words.identifier()
    tool = agent.toolbox.pick("watch")
    asked = Asked(tool=tool, arguments={"job_id": job})
    states = [dice.choice(("pending", "running", "queued"))] * dice.randint(2, 7)
    answers: list[Any] = [{"id": job, "status": state} for state in states] + [
        {"id": job, "status": "completed", "result": agent.words.record()}
    ]
    by_model = dice.random() < 0.6
    asker = None if by_model else await agent.ask(asked)
    for answer in answers:
        if asker is None:
            await agent.turn((asked, Outcome(result=answer)))
            continue
        await agent.run(asked, Outcome(result=answer), call_id=asker.asked[0][0], asker=asker)
        await agent.pause(dice.uniform(0.5, 2))


async def tries_once_more(agent: Agent) -> None:
    """And it works."""
    dice = agent.dice
    asked, outcome = dice.choice((lookup, search))(agent)
    fail = dice.choice((failing.down, failing.rate_limited, failing.timed_out))(agent)
    failures = [Outcome(failure=fail)] * dice.choice((1, 1, 2))
    if dice.random() < 0.5:
        for one in [*failures, outcome]:
            await agent.turn((asked, one))
        return
    asker = await agent.ask(asked)
    for pause, one in enumerate([*failures, outcome]):
        await agent.pause(0.3 * pause)
        await agent.run(asked, one, call_id=asker.asked[0][0], asker=asker)


async def waits_on_purpose(agent: Agent) -> None:
    """For some time, or for a person."""
    kind = agent.dice.choice(("wait", "ask"))
    tool = agent.toolbox.pick(kind)
    arguments = {"seconds": round(tool.seconds)} if kind == "wait" else {"question": agent.words.phrase()}
    result = "ok" if kind == "wait" else {"approved": True, "by": agent.words.name()}
    (deed,) = await agent.turn((Asked(tool=tool, arguments=arguments), Outcome(result=result)))
    agent.patient.append(deed.span_id)


async def reads_again_after_a_change(agent: Agent) -> None:
    """What comes back may well be the same."""
    dice = agent.dice
    asked, outcome = lookup(agent)
    await agent.turn((asked, outcome))
    await agent.turn(action(agent, agent.toolbox.pick("act", noun=asked.tool.noun)))
    again = outcome if dice.random() < 0.4 else lookup(agent, asked.tool, next(iter(asked.arguments.values())))[1]
    await agent.turn((asked, again))


async def repeats_an_effect_safely(agent: Agent) -> None:
    """It provably did not happen, or its key makes it happen once; or it happens to somebody else."""
    dice = agent.dice
    tool = agent.toolbox.pick("act")
    if dice.random() < 0.5:
        key = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        asked, outcome = action(agent, tool, idempotency_key=key)
        failure = Failure(kind="ConnectionRefusedError", text="[Errno 111] Connection refused")
        await agent.turn((asked, Outcome(failure=failure)))
        await agent.turn((asked, outcome))
        return
    for _ in range(dice.randint(2, 4)):
        await agent.turn(
            (
                action(agent, tool, to=f"{agent.words.made_up()}@{agent.words.made_up()}.example")[0],
                Outcome(result=done(agent)),
            )
        )
    agent.may("RF404")  # addresses are personal data, and mail cannot be sent without them


async def sends_the_same_key_again(agent: Agent) -> None:
    """The other side knows it, and gives the first answer once more."""
    key = str(uuid.UUID(int=agent.dice.getrandbits(128), version=4))
    call = action(agent, idempotency_key=key)
    await agent.turn(call)
    await agent.turn(call)
    agent.may("RF101")


async def waits_as_it_was_told(agent: Agent) -> None:
    """The limit says for how long."""
    asked, outcome = search(agent)
    seconds = agent.dice.randint(4, 15)
    failure = Failure(kind="RateLimitError", text=f"429 Too Many Requests. Retry-After: {seconds}", module="openai")
    asker = await agent.ask(asked)
    await agent.run(asked, Outcome(failure=failure), call_id=asker.asked[0][0], asker=asker)
    await agent.pause(seconds)
    await agent.run(asked, outcome, call_id=asker.asked[0][0], asker=asker)
    agent.may("RF107")


async def falls_back(agent: Agent) -> None:
    """Another source is asked the same, and knows."""
    asked, outcome = search(agent)
    other = agent.toolbox.pick("search", noun=asked.tool.noun)
    (failed,) = await agent.turn((asked, Outcome(failure=failing.down(agent))))
    await agent.turn((Asked(tool=other, arguments=asked.arguments), outcome))
    agent.may("RF206", failed.span_id)


async def looks_in_another_place(agent: Agent) -> None:
    """What is not here is there."""
    asked, outcome = lookup(agent)
    await agent.turn((asked, Outcome(failure=failing.not_found(agent))))
    elsewhere = {**asked.arguments, asked.tool.field: agent.words.identifier()}
    await agent.turn((Asked(tool=asked.tool, arguments=elsewhere), outcome))


async def presses_the_same_key(agent: Agent) -> None:
    """Once more is not twice too often."""
    dice = agent.dice
    name, arguments = dice.choice(
        (("press_key", {"key": "Down"}), ("scroll", {"by": 400}), ("click", {"x": 310, "y": 88}), ("next_slide", {}))
    )
    tool = agent.toolbox.pick("act")
    tool = Tool(name=name, kind="act", noun=tool.noun, seconds=0.2, field=tool.field)
    for _ in range(dice.randint(2, 5)):
        await agent.turn((Asked(tool=tool, arguments=dict(arguments)), Outcome(result="ok")))


async def tests_after_each_edit(agent: Agent) -> None:
    dice = agent.dice
    tests = Asked(tool=agent.toolbox.pick("compute", noun="tests"), arguments={"target": agent.words.made_up()})
    report: dict[str, Any] = {
        "passed": dice.randint(20, 90),
        "broken": dice.randint(1, 4),
        "first": agent.words.phrase(),
    }
    for number in range(dice.randint(2, 4)):
        await agent.turn(action(agent, agent.toolbox.pick("act", noun="file")))
        if number and dice.random() < 0.6:
            report = {**report, "broken": max(0, report["broken"] - 1)}
        await agent.turn((tests, Outcome(result=dict(report))))


async def drafts_and_reviews(agent: Agent) -> None:
    """The same two tools in turn, with something new each time."""
    write, review = agent.toolbox.pick("compute", noun="draft"), agent.toolbox.pick("compute", noun="review")
    remarks = agent.words.phrase()
    for _ in range(agent.dice.randint(2, 4)):
        draft = agent.words.text(agent.dice.randint(20, 50))
        await agent.turn((Asked(tool=write, arguments={"remarks": remarks}), Outcome(result=draft)))
        remarks = agent.words.phrase()
        await agent.turn((Asked(tool=review, arguments={"draft": draft}), Outcome(result={"remarks": remarks})))


QUIET = (
    Behaviour(turns_pages),
    Behaviour(asks_until_it_is_ready),
    Behaviour(tries_once_more),
    Behaviour(waits_on_purpose),
    Behaviour(reads_again_after_a_change),
    Behaviour(repeats_an_effect_safely),
    Behaviour(falls_back),
    Behaviour(sends_the_same_key_again),
    Behaviour(waits_as_it_was_told),
    Behaviour(looks_in_another_place),
    Behaviour(presses_the_same_key),
    Behaviour(tests_after_each_edit),
    Behaviour(drafts_and_reviews),
)
