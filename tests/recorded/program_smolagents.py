"""The trip assistant as a smolagents tool-calling agent, traced by OpenInference."""

from __future__ import annotations

import scenarios
import trip_tools
from openinference.instrumentation import using_session
from openinference.instrumentation.smolagents import SmolagentsInstrumentor
from recording import Recorder
from scenario import CONVERSATION, MODEL, SYSTEM_PROMPT, Scenario
from smolagents import LogLevel, OpenAIModel, ToolCallingAgent, tool
from stub_server import HOST, PORT


def run(scenario: Scenario) -> None:
    """A run of smolagents ends by the tool `final_answer`, not by a text."""
    agent = ToolCallingAgent(
        tools=[tool(function) for function in trip_tools.TOOLS],
        model=OpenAIModel(MODEL, api_base=f"http://{HOST}:{PORT}/v1", api_key="stub"),
        instructions=SYSTEM_PROMPT,
        name="trip_assistant",
        description="Plans trips.",
        max_steps=scenario.most_model_calls,
        verbosity_level=LogLevel.OFF,
    )
    with using_session(CONVERSATION):
        agent.run(scenario.question)


if __name__ == "__main__":
    recorder = Recorder("trip-assistant-smolagents")
    SmolagentsInstrumentor().instrument(tracer_provider=recorder.provider)
    recorder.record_all({"smolagents_clean": (scenarios.FINAL_ANSWER_TOOL, run)})
