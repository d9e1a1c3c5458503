"""The trip assistant in Pydantic AI, traced by Pydantic AI's own instrumentation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress

import httpx
import scenarios
import trip_tools
from pydantic_ai import Agent, ModelRetry, Tool, UsageLimitExceeded, UsageLimits
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from recording import Recorder
from scenario import CONVERSATION, MODEL, SYSTEM_PROMPT, Scenario
from stub_server import HOST, PORT


def run(scenario: Scenario) -> None:
    """A tool that raises tells the model to try again: the framework ends the run on any other error."""
    _ask(scenario, _raising_model_retry)


def run_with_error_text(scenario: Scenario) -> None:
    """A tool that fails returns the error as if it were its result."""
    _ask(scenario, _returning_error_text)


def run_twice(scenario: Scenario) -> None:
    """Two runs of one conversation, each a trace of its own."""
    agent = _agent(_raising_model_retry)
    first = agent.run_sync(scenario.question, conversation_id=CONVERSATION)
    agent.run_sync("Is booking LIS-4711 done?", message_history=first.all_messages(), conversation_id=CONVERSATION)


def run_in_older_format(scenario: Scenario) -> None:
    """Names of an older data format, and the totals of the run under the same names as those of one call."""
    older = InstrumentationSettings(
        tracer_provider=recorder.provider, version=2, use_aggregated_usage_attribute_names=False
    )
    Agent.instrument_all(older)
    run(scenario)
    Agent.instrument_all(InstrumentationSettings(tracer_provider=recorder.provider))


def _ask(scenario: Scenario, guard: Callable[[Callable[..., str]], Callable[..., str]]) -> None:
    agent = _agent(guard)
    limits = UsageLimits(request_limit=scenario.most_model_calls)
    with suppress(UsageLimitExceeded):  # that the run may end so is the scenario
        agent.run_sync(scenario.question, usage_limits=limits, conversation_id=CONVERSATION)


def _agent(guard: Callable[[Callable[..., str]], Callable[..., str]]) -> Agent:
    provider = OpenAIProvider(base_url=f"http://{HOST}:{PORT}/v1", api_key="stub")
    return Agent(
        OpenAIChatModel(MODEL, provider=provider),
        name="trip_assistant",
        instructions=SYSTEM_PROMPT,
        tools=[Tool(guard(tool), max_retries=3) for tool in trip_tools.TOOLS],
    )


def _raising_model_retry(tool: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(tool)
    def guarded(**arguments: str | int) -> str:
        try:
            return tool(**arguments)
        except httpx.HTTPError as error:
            raise ModelRetry(str(error)) from error

    return guarded


def _returning_error_text(tool: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(tool)
    def guarded(**arguments: str | int) -> str:
        try:
            return tool(**arguments)
        except httpx.HTTPError as error:
            return f"Error: {error}"

    return guarded


if __name__ == "__main__":
    recorder = Recorder("trip-assistant-pydantic-ai")
    Agent.instrument_all(InstrumentationSettings(tracer_provider=recorder.provider))
    recorder.record_all(
        {
            "pydantic_ai_clean": (scenarios.CLEAN, run),
            "pydantic_ai_faulty": (scenarios.FAULTY, run),
            "pydantic_ai_no_answer": (scenarios.NO_ANSWER, run),
            "pydantic_ai_unauthorized": (scenarios.UNAUTHORIZED, run),
            "pydantic_ai_error_text": (scenarios.ERROR_TEXT, run_with_error_text),
            "pydantic_ai_polling": (scenarios.POLLING, run),
            "pydantic_ai_conversation": (scenarios.CONVERSATION, run_twice),
            "pydantic_ai_older_format": (scenarios.CLEAN, run_in_older_format),
        }
    )
