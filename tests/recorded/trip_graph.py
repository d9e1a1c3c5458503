"""The trip assistant as a LangGraph graph: a model, its tools and the edges between them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import trip_tools
from langchain_core.messages import SystemMessage
from langchain_openai import ChatOpenAI
from langgraph.errors import GraphRecursionError
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from scenario import CONVERSATION, MODEL, SYSTEM_PROMPT, Scenario
from stub_server import HOST, PORT


def run(scenario: Scenario, **config: Any) -> None:
    """Each model call and each round of tools is one super-step of the graph."""
    told: dict[str, Any] = {"metadata": {"session_id": CONVERSATION}, **config}
    with suppress(GraphRecursionError):  # that the run may end so is the scenario
        build().invoke(
            {"messages": [("user", scenario.question)]}, {"recursion_limit": 2 * scenario.most_model_calls, **told}
        )


def build() -> Any:
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
