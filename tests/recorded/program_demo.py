"""A bigger run: a LangGraph graph of five nodes, three of them agents of their own."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

import httpx
import trip_tools
from demo_scenario import BUDGET_MODEL, DEMO, FLIGHT_MODEL, STAY_MODEL, WRITER_MODEL
from langchain.agents import create_agent
from langchain.agents.middleware import wrap_tool_call
from langchain_core.messages import ToolMessage
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from openinference.instrumentation.langchain import LangChainInstrumentor
from recording import Recorder
from scenario import Scenario
from stub_server import HOST, PORT


class Trip(TypedDict):
    """What the nodes hand on: the question, what each found out, and the answer."""

    question: str
    notes: Annotated[list[str], operator.add]
    answer: str


def run(scenario: Scenario) -> None:
    config: dict[str, Any] = {"metadata": {"session_id": "lisbon-weekend"}}
    _graph().invoke({"question": scenario.question, "notes": [], "answer": ""}, config)


def _graph() -> Any:
    writer = _model(WRITER_MODEL)

    def understand(trip: Trip) -> dict[str, Any]:
        return {"notes": [_text(writer.invoke([("user", trip["question"])]))]}

    def write_answer(trip: Trip) -> dict[str, Any]:
        return {"answer": _text(writer.invoke([("system", "Write the answer."), ("user", "\n".join(trip["notes"]))]))}

    builder = StateGraph(Trip)
    builder.add_node("understand", understand)
    builder.add_node("flights", _agent_node("flight_agent", FLIGHT_MODEL, trip_tools.search_flights))
    builder.add_node("stay", _agent_node("stay_agent", STAY_MODEL, trip_tools.search_hotels, trip_tools.get_weather))
    builder.add_node("budget", _agent_node("budget_agent", BUDGET_MODEL, trip_tools.convert_currency))
    builder.add_node("write_answer", write_answer)
    builder.add_edge(START, "understand")
    builder.add_edge("understand", "flights")
    builder.add_edge("understand", "stay")
    builder.add_edge(["flights", "stay"], "budget")
    builder.add_edge("budget", "write_answer")
    builder.add_edge("write_answer", END)
    return builder.compile(name="plan_weekend")


def _agent_node(name: str, model: str, *tools: Callable[..., str]) -> Callable[[Trip], dict[str, Any]]:
    agent = create_agent(_model(model), list(tools), middleware=[tell_the_model], name=name)

    def node(trip: Trip) -> dict[str, Any]:
        done = agent.invoke({"messages": [("user", "\n".join([trip["question"], *trip["notes"]]))]})
        return {"notes": [_text(done["messages"][-1])]}

    return node


@wrap_tool_call
def tell_the_model(request: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(request)
    except httpx.HTTPError as error:
        return ToolMessage(f"Error: {error}", tool_call_id=request.tool_call["id"], status="error")


def _model(name: str) -> ChatOpenAI:
    return ChatOpenAI(model=name, base_url=f"http://{HOST}:{PORT}/v1", api_key="stub", max_retries=0)  # type: ignore[arg-type] # str is accepted


def _text(message: Any) -> str:
    return str(message.content)


if __name__ == "__main__":
    recorder = Recorder("weekend-planner")
    LangChainInstrumentor().instrument(tracer_provider=recorder.provider)
    recorder.record_all({"demo": (DEMO, run)})
