"""Shapes and colours of a run's diagram."""

from reev_flow.trace.span import Operation

RECTANGLE = ("[", "]")
STADIUM = ("([", "])")
CIRCLE = ("((", "))")
SHAPES = {
    Operation.FLOW: STADIUM,
    Operation.AGENT: STADIUM,
    Operation.LLM: ("(", ")"),
    Operation.TOOL: ("[[", "]]"),
    Operation.RETRIEVAL: ("[(", ")]"),
    Operation.EMBEDDING: ("[(", ")]"),
}

STYLES = {
    "flow": "fill:#e8eaf6,stroke:#3949ab,color:#1a237e",
    "agent": "fill:#e8eaf6,stroke:#3949ab,color:#1a237e",
    "step": "fill:#f5f5f5,stroke:#757575,color:#212121",
    "llm": "fill:#ede7f6,stroke:#7e57c2,color:#311b92",
    "tool": "fill:#e0f2f1,stroke:#00897b,color:#004d40",
    "retrieval": "fill:#e1f5fe,stroke:#0288d1,color:#01579b",
    "embedding": "fill:#e1f5fe,stroke:#0288d1,color:#01579b",
    "other": "fill:#fafafa,stroke:#9e9e9e,color:#424242",
    "rest": "fill:#fafafa,stroke:#9e9e9e,color:#424242,stroke-dasharray:4 3",
    "join": "fill:#9e9e9e,stroke:#9e9e9e,color:#9e9e9e",
    "box": "fill:none,stroke:#9e9e9e",
    "loop": "fill:none,stroke:#9e9e9e,stroke-dasharray:6 4",
    "failed": "fill:#ffebee,stroke:#c62828,color:#b71c1c",
    "failedbox": "stroke:#c62828",
    "critical": "stroke-width:4px",
}
"""By class; those further down win. Fill and text come together, so that they read on a light and on a dark page."""

CRITICAL_LINE = "stroke-width:2px"  # mermaid's own thick lines hide the titles of boxes that they cross
