"""The trip assistant in the OpenAI Agents SDK, traced by OpenInference."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import scenarios
import trip_tools
from agents import (
    Agent,
    MaxTurnsExceeded,
    Model,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    RunContextWrapper,
    Runner,
    Tool,
    function_tool,
)
from openai import AsyncOpenAI
from openinference.instrumentation import using_session
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor
from recording import Recorder
from scenario import CONVERSATION, MODEL, SYSTEM_PROMPT, Scenario
from stub_server import HOST, PORT


def run(scenario: Scenario) -> None:
    """Through the Responses API; the model is told what a tool raised."""
    tools = [function_tool(tool, failure_error_function=_error_text) for tool in trip_tools.TOOLS]
    _ask(scenario, OpenAIResponsesModel(MODEL, openai_client=_client()), tools)


def run_with_hidden_errors(scenario: Scenario) -> None:
    """The framework's default: the model is told that a tool failed, and not why."""
    _ask(scenario, OpenAIResponsesModel(MODEL, openai_client=_client()), _plain_tools())


def run_chat_completions(scenario: Scenario) -> None:
    _ask(scenario, OpenAIChatCompletionsModel(MODEL, openai_client=_client()), _plain_tools())


def _plain_tools() -> list[Tool]:
    return [function_tool(tool) for tool in trip_tools.TOOLS]


def _error_text(_context: RunContextWrapper[Any], error: Exception) -> str:
    return f"Error: {error}"


def _client() -> AsyncOpenAI:
    return AsyncOpenAI(base_url=f"http://{HOST}:{PORT}/v1", api_key="stub")


def _ask(scenario: Scenario, model: Model, tools: list[Tool]) -> None:
    agent = Agent(name="trip_assistant", instructions=SYSTEM_PROMPT, model=model, tools=tools)
    config = RunConfig(workflow_name="plan_trip", group_id=CONVERSATION)
    with using_session(CONVERSATION), suppress(MaxTurnsExceeded):  # that the run may end so is the scenario
        Runner.run_sync(agent, scenario.question, max_turns=scenario.most_model_calls, run_config=config)


if __name__ == "__main__":
    recorder = Recorder("trip-assistant-openai-agents")
    OpenAIAgentsInstrumentor().instrument(tracer_provider=recorder.provider)
    recorder.record_all(
        {
            "openai_agents_clean": (scenarios.CLEAN, run),
            "openai_agents_faulty": (scenarios.FAULTY, run),
            "openai_agents_no_answer": (scenarios.NO_ANSWER, run),
            "openai_agents_forbidden": (scenarios.FORBIDDEN, run),
            "openai_agents_unavailable": (scenarios.UNAVAILABLE, run),
            "openai_agents_hidden_error": (scenarios.HIDDEN_ERROR, run_with_hidden_errors),
            "openai_agents_pagination": (scenarios.PAGINATION, run),
            "openai_agents_chat_completions": (scenarios.CLEAN, run_chat_completions),
        }
    )
