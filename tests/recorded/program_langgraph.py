"""The trip assistant as a LangGraph graph, traced by OpenInference."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import scenarios
import trip_tools
from langchain_core.messages import SystemMessage
from langchain_openai import ChatOpenAI
from langgraph.errors import GraphRecursionError
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from openinference.instrumentation.langchain import LangChainInstrumentor
from recording import Recorder
from scenario import CONVERSATION, MODEL, SYSTEM_PROMPT, Scenario
from stub_server import HOST, PORT


def run(scenario: Scenario) -> None:
    """Each model call and each round of tools is one super-step of the graph."""
    graph = _graph()
    config: dict[str, Any] = {
        "recursion_limit": 2 * scenario.most_model_calls,
        "metadata": {"session_id": CONVERSATION},
    }
    with suppress(GraphRecursionError):  # that the run may end so is the scenario
        graph.invoke({"messages": [("user", scenario.question)]}, config)


def _graph() -> Any:
    model = ChatOpenAI(model=MODEL, base_url=f"http://{HOST}:{PORT}/v1", api_key="stub", max_retries=0)  # type: ignore[arg-type] # str is accepted
    model_with_tools = model.bind_tools(list(trip_tools.TOOLS))

    def assistant(state: MessagesState) -> dict[str, Any]:
        return {"messages": [model_with_tools.invoke([SystemMessage(SYSTEM_PROMPT), *state["messages"]])]}

    builder = StateGraph(MessagesState)
    builder.add_node("assistant", assistant)
    builder.add_node("tools", ToolNode(list(trip_tools.TOOLS), handle_tool_errors=True))
    builder.add_edge(START, "assistant")
    builder.add_conditional_edges("assistant", tools_condition)
    builder.add_edge("tools", "assistant")
    return builder.compile(name="trip_assistant")


if __name__ == "__main__":
    recorder = Recorder("trip-assistant-langgraph")
    LangChainInstrumentor().instrument(tracer_provider=recorder.provider)
    recorder.record_all(
        {
            "langgraph_clean": (scenarios.CLEAN, run),
            "langgraph_faulty": (scenarios.FAULTY, run),
            "langgraph_no_answer": (scenarios.NO_ANSWER, run),
            "langgraph_not_found": (scenarios.NOT_FOUND, run),
            "langgraph_timeout": (scenarios.TIMEOUT, run),
            "langgraph_retried": (scenarios.RETRIED, run),
            "langgraph_fan_out": (scenarios.FAN_OUT, run),
        }
    )
