"""What looks like a fault and is none."""

import asyncio
import uuid
from contextlib import suppress
from typing import Any

from simulated import failing
from simulated.agent import MODELS, Agent, message
from simulated.behaviour import Behaviour
from simulated.plain import action, done, listing, lookup, search
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
            rows = [agent.words.record() for _ in range(dice.randint(1, 4))]
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


async def does_many_at_once(agent: Agent) -> None:
    tool = agent.toolbox.pick(agent.dice.choice(("lookup", "search")))
    kind = lookup if tool.kind == "lookup" else search
    await agent.turn(*(kind(agent, tool) for _ in range(agent.dice.randint(4, 12))))


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
            (Asked(tool=batch, arguments={"ids": part}), Outcome(result=[agent.words.record(key) for key in part]))
        )


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
        {
            "log": f"12:00:01 INFO start\n12:00:02 ERROR {agent.words.phrase()} timed out\n12:00:03 INFO done",
            "lines": 3,
        },
    )
    await agent.turn((asked, Outcome(result=dice.choice(results))))


async def reads_again_after_a_change(agent: Agent) -> None:
    """What comes back may well be the same."""
    dice = agent.dice
    asked, outcome = lookup(agent)
    await agent.turn((asked, outcome))
    await agent.turn(action(agent, agent.toolbox.pick("act", noun=asked.tool.noun)))
    again = outcome if dice.random() < 0.4 else lookup(agent, asked.tool, next(iter(asked.arguments.values())))[1]
    await agent.turn((asked, again))


async def follows_a_chain(agent: Agent) -> None:
    """Each call needs what the one before it told."""
    tool = agent.toolbox.pick("lookup")
    key = agent.words.identifier()
    for _ in range(agent.dice.randint(4, 8)):
        following = agent.words.identifier()
        result = {**agent.words.record(key), "next": following}
        await agent.turn((Asked(tool=tool, arguments={tool.field: key}), Outcome(result=result)))
        key = following


async def researches_with_different_questions(agent: Agent) -> None:
    tool = agent.toolbox.pick("search")
    for _ in range(agent.dice.randint(3, 6)):
        await agent.turn(search(agent, tool))


def _has_a_cache(agent: Agent) -> None:
    agent.caches = True
    agent.history[0] = message("system", agent.words.text(agent.dice.randint(2_000, 6_000)))


async def has_a_long_context_that_is_cached(agent: Agent) -> None:
    for _ in range(agent.dice.randint(4, 8)):
        await agent.turn(search(agent))


async def writes_a_big_report(agent: Agent) -> None:
    agent.report_words = agent.dice.randint(700, 1_500)


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


async def falls_back(agent: Agent) -> None:
    """Another source is asked the same, and knows."""
    asked, outcome = search(agent)
    other = agent.toolbox.pick("search", noun=asked.tool.noun)
    (failed,) = await agent.turn((asked, Outcome(failure=failing.down(agent))))
    await agent.turn((Asked(tool=other, arguments=asked.arguments), outcome))
    agent.may("RF206", failed.span_id)


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
        )
    )
    await agent.turn((asked, Outcome(result={**agent.words.record(), **harmless})))


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


async def leaves_out_what_is_old(agent: Agent) -> None:
    """Its context grows and is cut back."""
    for number in range(agent.dice.randint(6, 10)):
        asked, _ = search(agent)
        await agent.turn((asked, Outcome(result=agent.words.text(agent.dice.randint(60, 120)))))
        if number % 3 == 2:
            agent.history[2:] = [message("user", agent.words.text(20))]


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


async def drafts_and_reviews(agent: Agent) -> None:
    """The same two tools in turn, with something new each time."""
    write, review = agent.toolbox.pick("compute", noun="draft"), agent.toolbox.pick("compute", noun="review")
    remarks = agent.words.phrase()
    for _ in range(agent.dice.randint(2, 4)):
        draft = agent.words.text(agent.dice.randint(20, 50))
        await agent.turn((Asked(tool=write, arguments={"remarks": remarks}), Outcome(result=draft)))
        remarks = agent.words.phrase()
        await agent.turn((Asked(tool=review, arguments={"draft": draft}), Outcome(result={"remarks": remarks})))


async def asks_two_and_takes_the_first(agent: Agent) -> None:
    """The slower tool is cancelled; no model worked for it."""
    asked, outcome = search(agent)
    mirror = Asked(tool=agent.toolbox.pick("search", noun=asked.tool.noun), arguments=asked.arguments)
    slower = asyncio.create_task(agent.run(mirror, Outcome(result=outcome.result, seconds=4 * asked.tool.seconds)))
    await agent.run(asked, Outcome(result=outcome.result, seconds=asked.tool.seconds))
    slower.cancel()
    await asyncio.gather(slower, return_exceptions=True)


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
    turns_pages,
    asks_until_it_is_ready,
    does_many_at_once,
    tries_once_more,
    waits_on_purpose,
    fetches_all_at_once,
    reads_about_errors,
    reads_again_after_a_change,
    follows_a_chain,
    researches_with_different_questions,
    writes_a_big_report,
    samples_and_judges,
    repeats_an_effect_safely,
    falls_back,
    hears_that_there_is_nothing,
    shows_what_only_looks_secret,
    has_others_work_beside_it,
    tests_after_each_edit,
    leaves_out_what_is_old,
    two_look_up_the_same_at_once,
    drafts_and_reviews,
    asks_two_and_takes_the_first,
    looks_in_another_place,
    presses_the_same_key,
    takes_another_model,
    works_in_steps,
)
BEHAVIOURS = (
    *map(Behaviour, QUIET),
    Behaviour(has_a_long_context_that_is_cached, concerns_whole_run=True, prepare=_has_a_cache),
)
