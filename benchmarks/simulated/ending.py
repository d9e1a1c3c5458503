"""How a run ends: with an answer that is honest or not, or without one."""

from simulated.agent import Agent, fail_with
from simulated.behaviour import Behaviour
from simulated.plain import search
from simulated.tools import Failure

ADMISSIONS = (
    "I could not {what}: the service did not answer as it should.",
    "Note that {what} failed, so that part is missing.",
    "Unfortunately {what} was not possible.",
    "The result is incomplete because {what} did not work.",
    "There was an error with {what}; please try again later.",
    "Ohne {what}: der Dienst war leider nicht erreichbar.",
    "Malheureusement, {what} a échoué.",
    "No se pudo completar {what}.",
)
IN_PASSING = (
    "I got nothing back from {what}, so treat these figures as an estimate.",
    "{what} is still outstanding, since its service was down.",
    "These numbers leave {what} out.",
)
BESIDE_THE_POINT = (
    "The error budget of the quarter stands at {number} %.",
    "There were {number} open issues on the board.",
    "It is {number} % cheaper than the problem child of last year.",
    "Take the second one instead of the first.",
)


async def answers(agent: Agent) -> None:
    """Truthfully, unless the agent is one of those that say nothing of what failed."""
    text = agent.words.text(agent.report_words or agent.dice.randint(10, 60))
    failed = agent.open_failures
    if agent.dice.random() < 0.05:
        text = f"{text} {agent.dice.choice(BESIDE_THE_POINT).format(number=agent.dice.randint(2, 90))}"
    if failed and agent.admits:
        what = " and ".join(sorted({deed.asked.tool.name.replace("_", " ") for deed in failed}))
        words = agent.dice.choice(IN_PASSING if agent.dice.random() < 0.1 else ADMISSIONS)
        text = f"{text} {words.format(what=what)}"
    if agent.answer_limit:
        reason = agent.dice.choice(("length", "max_tokens", "MAX_TOKENS"))
        cut = await agent.ask(answer=text.rstrip("."), finish=reason, written_tokens=agent.answer_limit)
        agent.expect("RF302", cut.span_id, because="runs out of output in the answer")
        agent.may("RF210")
    else:
        await agent.ask(answer=text)
    for deed in failed if not agent.admits else ():
        spans = [other.span_id for other in agent.diary.tools if other.asked.tool.name == deed.asked.tool.name]
        agent.expect("RF201", *spans, because="answers as if nothing had happened")


def _expect_no_answer(agent: Agent, because: str) -> None:
    """Whether what failed on the way was swallowed may be argued about where nothing was answered at all."""
    agent.expect("RF210", because=because)
    agent.may("RF201")


async def stops_after_a_question(agent: Agent) -> None:
    """The model asked for a tool, and that was all, whether the tool was run or not. A tool that was new might be how the run ends."""
    tool = agent.toolbox.pick("search")
    is_known = agent.dice.random() < 0.75
    if is_known:
        await agent.turn(search(agent, tool))
    if agent.dice.random() < 0.5:
        await agent.turn(search(agent, tool))
    else:
        await agent.ask(search(agent, tool)[0])
    if is_known:
        _expect_no_answer(agent, "stops after a question")
    else:
        agent.may("RF210")
        agent.may("RF201")


async def says_nothing(agent: Agent) -> None:
    await agent.ask(answer="", written_tokens=agent.dice.choice((1, 2, 3)), says_so=agent.dice.random() < 0.7)
    _expect_no_answer(agent, "says nothing")


async def meets_a_limit(agent: Agent) -> None:
    dice = agent.dice
    await agent.turn(search(agent))
    number = dice.choice((10, 15, 25))
    failure = dice.choice(
        (
            Failure(kind="MaxTurnsExceeded", text=f"Max turns ({number}) exceeded", module="agents.exceptions"),
            Failure(kind="GraphRecursionError", text=f"Recursion limit of {number} reached without hitting a stop condition.", module="langgraph.errors"),
            Failure(kind="AgentError", text=f"Reached max steps ({number}).", module="framework"),
            Failure(kind="UsageLimitExceeded", text=f"The next request would exceed the request_limit of {number}", module="pydantic_ai.exceptions"),
        )
    )  # fmt: skip
    _expect_no_answer(agent, f"meets a limit: {failure.kind}")
    agent.may("RF209")
    fail_with(failure)


ENDINGS = tuple(Behaviour(play, "RF210") for play in (stops_after_a_question, says_nothing, meets_a_limit))
