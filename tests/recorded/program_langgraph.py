"""The trip assistant as a LangGraph graph, traced by OpenInference."""

from __future__ import annotations

import scenarios
import trip_graph
from openinference.instrumentation.langchain import LangChainInstrumentor
from recording import Recorder

if __name__ == "__main__":
    recorder = Recorder("trip-assistant-langgraph")
    LangChainInstrumentor().instrument(tracer_provider=recorder.provider)
    recorder.record_all(
        {
            "langgraph_clean": (scenarios.CLEAN, trip_graph.run),
            "langgraph_faulty": (scenarios.FAULTY, trip_graph.run),
            "langgraph_no_answer": (scenarios.NO_ANSWER, trip_graph.run),
            "langgraph_not_found": (scenarios.NOT_FOUND, trip_graph.run),
            "langgraph_timeout": (scenarios.TIMEOUT, trip_graph.run),
            "langgraph_retried": (scenarios.RETRIED, trip_graph.run),
            "langgraph_fan_out": (scenarios.FAN_OUT, trip_graph.run),
        }
    )
