"""That a run knows what waited for what is seen in what is said about it, never as attributes of its spans."""

from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.redaction import BUILT_IN
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.pipeline import TraceProcessor
from reev_flow.render.document import document_bytes, document_of
from reev_flow.render.mermaid import MermaidGenerator
from reev_flow.render.terminal import terminal_text, tree_text
from reev_flow.trace.span import Attributes
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.otel import Recorded
from support.told_causes import tell_causes

A_RUN = draw("""
    run        ##########
      search   ####
      read         ###
      answer          ###
""")
TOLD = tell_causes(A_RUN, after={"search": [], "read": ["search"], "answer": ["read"]}, joined={"run": ["answer"]})


def shown(trace: Trace) -> list[str]:
    insights = TraceProcessor().process_trace(trace)
    return [
        MermaidGenerator().generate(trace),
        terminal_text(insights),
        tree_text(insights),
        document_bytes(document_of(insights)).decode(),
    ]


def test_what_is_shown_names_neither_attribute():
    assert not [text for text in shown(TOLD) if "reev.after" in text or "reev.joined" in text]


def test_drawings_and_trees_stay_the_same():
    assert shown(TOLD)[:3] == shown(A_RUN)[:3]


@given(
    st.lists(st.text("0123456789abcdef", min_size=16, max_size=16) | st.text("0123456789", min_size=16, max_size=16))
)
def test_no_id_is_taken_for_a_secret(ids: list[str]):
    told: Attributes = {"reev.after": [*ids], "reev.joined": [*ids]}
    assert BUILT_IN.attributes(told) == told


def test_they_are_told_where_contents_are_not():
    recorded = Recorded()
    tracer = FlowTracer(provider=recorded.provider, content=False)
    with tracer.operation("flow", "run"):
        for name in ("search", "answer"):
            with tracer.operation("tool", name, arguments={"q": "weather"}) as call:
                call.result("sunny")
    told = {span.label: sorted(name for name in span.attributes if name.startswith("reev.")) for span in recorded.spans}
    assert told == {
        "run": ["reev.joined", "reev.operation"],
        "search": ["reev.after", "reev.operation"],
        "answer": ["reev.after", "reev.operation"],
    }
