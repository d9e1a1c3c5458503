"""Faults: what failed, and how the failure was told or not told."""

from collections.abc import Callable
from typing import Any

from reev_flow.flows.tracing.tracer import Kind
from simulated import failing
from simulated.agent import Agent, fail_with
from simulated.behaviour import Behaviour, Play
from simulated.deeds import ToolDeed
from simulated.plain import action, lookup, search
from simulated.tools import Asked, Failure, Outcome

Fail = Callable[[Agent], Failure]


def a_call_fails(code: str, fail: Fail) -> Play:
    """A tool, at times with the request below it that failed first; nothing makes it good."""

    async def play(agent: Agent) -> None:
        dice = agent.dice
        asked, _ = dice.choice((lookup, search, action))(agent)
        failure = fail(agent)
        if dice.random() < 0.3:
            spans = await _with_its_request(agent, asked, failure)
        else:
            spans = []
            for _ in range(dice.choice((1, 1, 2))):
                (deed,) = await agent.turn((asked, Outcome(failure=failure)))
                spans.append(deed.span_id)
            agent.open_failures.append(deed)
        agent.expect(code, *spans, because=f"a call fails: {failure.kind}")
        agent.may("RF401", *spans)

    play.__name__ = f"a_call_is_{fail.__name__}"
    return play


async def _with_its_request(agent: Agent, asked: Asked, failure: Failure) -> list[str]:
    """The tool only passes on what the request below it met."""
    asker = await agent.ask(asked)
    agent.diary.is_plain = False
    call_id = asker.asked[0][0]
    began_ns = agent.now_ns()
    spans: list[str] = []
    try:
        with agent.tracer.operation("tool", asked.tool.name, arguments=asked.arguments, call_id=call_id) as outer:
            spans.append(outer.span_id)
            await agent.pause(agent.dice.uniform(0.01, 0.05))
            with agent.tracer.operation("other", agent.dice.choice(("GET", "POST", "SELECT"))) as inner:
                spans.append(inner.span_id)
                await agent.pause(failure.seconds or asked.tool.seconds)
                fail_with(failure)
    except Exception as error:  # noqa: BLE001 - whatever a tool raises, its model hears of
        agent.hear_error(call_id, error)
    deed = ToolDeed(
        span_id=spans[0],
        asked=asked,
        call_id=call_id,
        outcome=Outcome(failure=failure),
        start_ns=began_ns,
        end_ns=agent.now_ns(),
    )
    agent.diary.tools.append(deed)
    agent.open_failures.append(deed)
    agent.may("RF209", *spans)
    return spans


async def answers_as_if_nothing_happened(agent: Agent) -> None:
    asked, _ = agent.dice.choice((lookup, search))(agent)
    (deed,) = await agent.turn((asked, Outcome(failure=failing.broken(agent))))
    agent.open_failures.append(deed)
    agent.admits = False
    agent.may("RF208", deed.span_id)


async def many_fail_at_once(agent: Agent) -> None:
    """An outage: each is asked once, and nobody tries again."""
    tool = agent.toolbox.pick("lookup")
    failure = failing.down(agent)
    calls = [(lookup(agent, tool)[0], Outcome(failure=failure)) for _ in range(agent.dice.randint(4, 8))]
    deeds = await agent.turn(*calls)
    agent.open_failures.append(deeds[-1])
    spans = [deed.span_id for deed in deeds]
    agent.expect("RF206", *spans, because="many fail at once")
    agent.may("RF209", *spans)


async def is_told_ok_and_an_error(agent: Agent) -> None:
    """The payload says what the status does not."""
    dice = agent.dice
    asked, _ = dice.choice((lookup, search, action))(agent)
    failure = dice.choice((failing.down, failing.refused, failing.rate_limited, failing.broken, failing.timed_out))(
        agent
    )
    result: Any = dice.choice(
        (
            {"error": failure.text},
            {"error": {"code": failure.kind, "message": failure.text}},
            {"status": "error", "message": failure.text},
            {"success": False, "reason": failure.text, "data": None},
            {"ok": False, "error": failure.kind},
            {"isError": True, "content": [{"type": "text", "text": failure.text}]},
            {"statusCode": dice.choice((400, 500, 503)), "body": failure.text},
            f"Error: {failure.text}",
            f"Error executing tool {asked.tool.name}: {failure.text}",
            f'Traceback (most recent call last):\n  File "tool.py", line {dice.randint(5, 90)}, in call\n{failure.kind}: {failure.text}',
        )
    )
    (deed,) = await agent.turn((asked, Outcome(result=result)))
    agent.expect("RF202", deed.span_id, because=f"is told ok and an error: {str(result)[:60]}")
    for code in ("RF201", "RF203", "RF204", "RF205", "RF206", "RF207"):
        agent.may(code, deed.span_id)


async def asks_for_a_tool_that_is_not_there(agent: Agent) -> None:
    dice = agent.dice
    asked, _ = dice.choice((lookup, search))(agent)
    others = ", ".join(agent.toolbox.pick("lookup").name for _ in range(3))
    name = asked.tool.name
    text, kind = dice.choice(
        (
            (f"Tool '{name}' not found. Available tools: {others}", "ToolNotFoundError"),
            (f"Unknown tool: {name}", "ValueError"),
            (f"{name} is not a valid tool, try one of [{others}].", "ToolException"),
            (f"No tool named {name} is registered", "KeyError"),
            (f"Function {name} does not exist", "LookupError"),
            (f"unrecognized tool call: {name}", "RuntimeError"),
            (f"Tool {name} is not available to this agent", "ModelBehaviorError"),
            (f"MCP error -32601: Method not found: {name}", "McpError"),
        )
    )
    if dice.random() < 0.3:  # the framework answers by itself, and there is no span of it
        asker = await agent.ask(asked)
        agent.diary.is_plain = False
        agent.hear_error(asker.asked[0][0], ValueError(text))
        await agent.ask(answer=agent.words.text(8))
        agent.expect("RF208", asker.span_id, because="asks for a tool that is not there, without a span")
        return
    (deed,) = await agent.turn((asked, Outcome(failure=Failure(kind=kind, text=text), seconds=0.002)))
    agent.open_failures.append(deed)
    agent.expect("RF208", deed.span_id, because="asks for a tool that is not there")
    agent.may("RF205", deed.span_id)


async def gives_arguments_that_are_not_valid(agent: Agent) -> None:
    dice = agent.dice
    asked, outcome = dice.choice((lookup, search, action))(agent)
    name, field = asked.tool.name, agent.words.noun()
    text, kind, module = dice.choice(
        (
            (f"1 validation error for {name}\n{field}\n  Field required [type=missing, input_value={{}}, input_type=dict]", "ValidationError", "pydantic_core"),
            (f"{name}() got an unexpected keyword argument '{field}'", "TypeError", "builtins"),
            (f"{name}() missing 1 required positional argument: '{field}'", "TypeError", "builtins"),
            (f"Invalid arguments for tool {name}: '{field}' is a required property", "McpError", "mcp"),
            (f"'{agent.words.made_up()}' is not of type 'integer'", "ValidationError", "jsonschema.exceptions"),
            (f"MCP error -32602: Invalid params: {field} must be a string", "McpError", "mcp"),
            (f"Missing required parameter: '{field}'.", "BadRequestError", "openai"),
            ("Expecting ',' delimiter: line 1 column 58 (char 57)", "JSONDecodeError", "json.decoder"),
            (f"Extra inputs are not permitted: {field}", "ValidationError", "pydantic_core"),
            (f"Could not parse arguments of {name}: Unterminated string starting at: line 1 column 12", "ToolCallError", "agent"),
            (f"{field}: expected number, received string", "ZodError", "zod"),
        )
    )  # fmt: skip
    (deed,) = await agent.turn((asked, Outcome(failure=Failure(kind=kind, text=text, module=module), seconds=0.003)))
    spans = [deed.span_id]
    if dice.random() < 0.3:  # it learns from what it was told
        corrected = Asked(tool=asked.tool, arguments=asked.arguments | {field: agent.words.identifier()})
        await agent.turn((corrected, outcome))
        agent.may("RF208", *spans)
        return
    agent.open_failures.append(deed)
    agent.expect("RF208", *spans, because="gives arguments that are not valid")


async def wraps_one_error_in_others(agent: Agent) -> None:
    """The agent gives up, and each level says it in its own words."""
    dice = agent.dice
    fail = dice.choice((failing.down, failing.refused, failing.timed_out, failing.broken, failing.not_found))
    failure = fail(agent)
    asked, _ = dice.choice((lookup, search))(agent)
    asker = await agent.ask(asked)
    agent.diary.is_plain = False
    spans: list[str] = []
    levels: list[Kind] = [dice.choice(("step", "agent", "step")) for _ in range(dice.randint(1, 3))]
    keeps_words = dice.random() < 0.7

    async def down_from(level: int) -> None:
        if level == len(levels):
            with agent.tracer.operation(
                "tool", asked.tool.name, arguments=asked.arguments, call_id=asker.asked[0][0]
            ) as span:
                spans.append(span.span_id)
                await agent.pause(failure.seconds or asked.tool.seconds)
                fail_with(failure)
        with agent.tracer.operation(levels[level], f"{agent.words.made_up()}_{agent.words.noun()}") as span:
            spans.append(span.span_id)
            await agent.breathe()
            try:
                await down_from(level + 1)
            except Exception as error:
                told = f"{agent.words.made_up()} failed: {error}" if keeps_words else str(error)
                raise RuntimeError(told) from error

    code = {"down": "RF206", "refused": "RF204", "timed_out": "RF207", "not_found": "RF205"}.get(fail.__name__)
    try:
        await down_from(0)
    finally:
        agent.expect("RF209", *spans, because="wraps one error in others")
        if code:
            agent.expect(code, *spans, because="wraps one error in others")
        else:
            agent.may("RF208", *spans)
        for other in ("RF106", "RF201"):
            agent.may(other)


async def loses_its_model(agent: Agent) -> None:
    """The provider turns it away, and that is the end of it."""
    code, fail = agent.dice.choice(
        (
            ("RF203", failing.rate_limited),
            ("RF206", failing.down),
            ("RF204", failing.refused),
            ("RF207", failing.timed_out),
        )
    )
    failure = fail(agent)
    tries = agent.dice.choice((1, 1, 2))
    before = len(agent.diary.models)
    try:
        for left in reversed(range(tries)):
            try:
                await agent.ask(failure=failure)
            except Exception:
                if not left:
                    raise
                await agent.pause(0.5)
    finally:
        agent.expect(
            code, *(deed.span_id for deed in agent.diary.models[before:]), because=f"loses its model: {failure.kind}"
        )
        agent.expect("RF209", because="loses its model, its agent and its flow")
        for other in ("RF210", "RF201"):
            agent.may(other)


CLASSES = (
    ("RF203", failing.rate_limited),
    ("RF204", failing.refused),
    ("RF205", failing.not_found),
    ("RF206", failing.down),
    ("RF207", failing.timed_out),
)
FAULTS = (
    *(Behaviour(a_call_fails(code, fail), code) for code, fail in CLASSES),
    Behaviour(answers_as_if_nothing_happened, "RF201"),
    Behaviour(many_fail_at_once, "RF206"),
    Behaviour(is_told_ok_and_an_error, "RF202"),
    Behaviour(asks_for_a_tool_that_is_not_there, "RF208"),
    Behaviour(gives_arguments_that_are_not_valid, "RF208"),
)
LAST = (Behaviour(wraps_one_error_in_others, "RF209"), Behaviour(loses_its_model, "RF203"))
"""The run does not go on after it."""
