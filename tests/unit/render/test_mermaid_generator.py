"""Runs become flowcharts that the real mermaid accepts, with every operation in them."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.errors import MermaidGenerationFailed
from reev_flow.render.mermaid import MermaidGenerator
from reev_flow.render.mermaid_text import LARGEST_TEXT, mermaid_length
from reev_flow.render.operations import operation_forest
from reev_flow.trace.trace import Trace, side_by_side
from support.draw import draw
from support.drawn_label import as_read
from support.made_traces import UNHURRIED, a_fan_of, a_nest_of, a_plan_of, random_traces
from support.mermaid_parser import MermaidParser, ParsedDiagram

TWO_BRANCHES = """
    agent:planner        ##########
      llm:gpt            ##          in=1200 out=80
      tool:search          ####
      tool:book            !!        error="sold out"
      llm:gpt                  ####  in=1500 out=90
"""


def labels(diagram: ParsedDiagram) -> dict[str, str]:
    """Of every node and box, by id."""
    return {node.id: node.label for node in diagram.nodes} | {box.id: box.label for box in diagram.subgraphs}


def first_lines(diagram: ParsedDiagram) -> dict[str, str]:
    return {place: label.split("\n")[0] for place, label in labels(diagram).items()}


def arrows(diagram: ParsedDiagram) -> list[str]:
    named = first_lines(diagram)
    return sorted(f"{named[edge.source]} > {named[edge.target]}" for edge in diagram.edges)


def is_connected(diagram: ParsedDiagram) -> bool:
    reached = {diagram.nodes[0].id}
    following: dict[str, list[str]] = {}
    for edge in diagram.edges:
        following.setdefault(edge.source, []).append(edge.target)
    unseen = list(reached)
    while unseen:
        new = set(following.get(unseen.pop(), ())) - reached
        reached |= new
        unseen += new
    return reached == {node.id for node in diagram.nodes}


def of_class(diagram: ParsedDiagram, name: str) -> set[str]:
    named = first_lines(diagram)
    return {named[node.id] for node in diagram.nodes if name in node.classes}


def test_branches_fan_out_and_in(mermaid: MermaidParser):
    diagram = mermaid.parse(MermaidGenerator().generate(draw(TWO_BRANCHES)))

    assert arrows(diagram) == [
        "agent planner > llm gpt",
        "llm gpt > tool book",
        "llm gpt > tool search",
        "tool book > llm gpt",
        "tool search > llm gpt",
    ]


def test_a_node_tells_its_time_its_tokens_and_its_failure(mermaid: MermaidParser):
    diagram = mermaid.parse(MermaidGenerator().generate(draw(TWO_BRANCHES)))

    assert [node.label for node in diagram.nodes] == [
        "agent planner\n10.0 ms · 5 operations · 1 failed",
        "llm gpt\n2.00 ms · 1.2k→80 tok",
        "tool book\nfailed · 2.00 ms",
        "tool search\n4.00 ms",
        "llm gpt\n4.00 ms · 1.5k→90 tok",
    ]


def test_what_failed_is_red(mermaid: MermaidParser):
    diagram = mermaid.parse(MermaidGenerator().generate(draw(TWO_BRANCHES)))

    assert of_class(diagram, "failed") == {"tool book"}


def test_the_critical_path_is_thick(mermaid: MermaidParser):
    diagram = mermaid.parse(MermaidGenerator().generate(draw(TWO_BRANCHES)))

    assert of_class(diagram, "critical") == {"llm gpt", "tool search"}


def test_lines_between_critical_nodes_are_thick_too():
    text = MermaidGenerator().generate(draw(TWO_BRANCHES))

    lines = [line for line in text.splitlines() if "-->" in line]
    assert lines == ["  n0 --> n1", "  n1 --> n2 & n3", "  n2 --> n4", "  n3 --> n4"]
    assert "linkStyle 2,4 stroke-width" in text


def test_an_agent_with_several_operations_is_a_box(mermaid: MermaidParser):
    diagram = mermaid.parse(
        MermaidGenerator().generate(
            draw("""
        flow:plan            ##########
          agent:writer       ######
            llm:gpt          ##
            tool:save          ####
          agent:reader             ####
            llm:gpt                ###
    """)
        )
    )

    assert [box.label for box in diagram.subgraphs] == ["agent writer · 6.00 ms"]
    assert diagram.nodes[-1].label == "agent reader · 4.00 ms\nllm gpt\n3.00 ms"


def test_boxes_are_left_by_what_is_last_in_them_and_entered_by_what_is_first(mermaid: MermaidParser):
    diagram = mermaid.parse(
        MermaidGenerator().generate(
            draw("""
        flow:plan            ##########
          agent:writer       #####
            llm:a            ##
            tool:b             ###
          agent:reader            #####
            llm:c                 ##
            tool:d                  ###
    """)
        )
    )

    assert arrows(diagram) == ["flow plan > llm a", "llm a > tool b", "llm c > tool d", "tool b > llm c"]


def test_many_to_many_meet_in_a_join(mermaid: MermaidParser):
    diagram = mermaid.parse(
        MermaidGenerator().generate(
            draw("""
        flow:plan            ####
          tool:a             ##
          tool:b             ##
          tool:c             ##
          tool:d               ##
          tool:e               ##
          tool:f               ##
    """)
        )
    )

    joins = [node.id for node in diagram.nodes if "join" in node.classes]
    assert len(joins) == 1
    assert len(diagram.edges) == 3 + 3 + 3
    assert is_connected(diagram)


def test_rounds_are_one_box_with_exact_counts(mermaid: MermaidParser):
    diagram = mermaid.parse(
        MermaidGenerator().generate(
            draw("""
        agent:planner     ######
          llm:gpt         #
          tool:search      !
          llm:gpt           #
          tool:search        #
          llm:gpt             #
          tool:search          #
    """)
        )
    )

    assert [box.label for box in diagram.subgraphs] == ["repeated 3 times · 6.00 ms"]
    assert [node.label for node in diagram.nodes[1:]] == [
        "llm gpt \u00d73\n3.00 ms",
        "tool search \u00d73\n1 failed · 3.00 ms",
    ]


def test_several_roots_hang_on_the_run(mermaid: MermaidParser):
    diagram = mermaid.parse(
        MermaidGenerator().generate(
            draw("""
        agent:first      ###
        agent:second        ###
    """)
        )
    )

    assert arrows(diagram) == ["agent first > agent second", "run first > agent first"]


def test_several_runs_are_one_diagram(mermaid: MermaidParser):
    runs = [draw("agent:one  ##", trace_id="1" * 32), draw("agent:two  ##", trace_id="2" * 32)]

    diagram = mermaid.parse(MermaidGenerator().generate(side_by_side(runs)))

    assert arrows(diagram) == ["run one > agent one", "run one > agent two"]


def test_one_operation_alone_is_one_node(mermaid: MermaidParser):
    diagram = mermaid.parse(MermaidGenerator(max_edges=0).generate(draw("llm:gpt  ###  in=7 out=1")))

    assert [node.label for node in diagram.nodes] == ["llm gpt\n3.00 ms · 1 operation"]
    assert diagram.edges == ()


def test_infrastructure_is_left_out_and_counted(mermaid: MermaidParser):
    diagram = mermaid.parse(
        MermaidGenerator().generate(
            draw("""
        agent:planner       ####
          other:http        ##
          other:http          ##
            llm:gpt           ##
    """)
        )
    )

    assert "2 infrastructure spans not drawn" in diagram.nodes[0].label
    assert "2 infrastructure spans not drawn" in diagram.description


def test_nothing_but_infrastructure_is_shown_as_an_overview(mermaid: MermaidParser):
    diagram = mermaid.parse(
        MermaidGenerator().generate(
            draw("""
        other:server      ######
          other:query     ##
          other:query       ##
          other:query         ##
    """)
        )
    )

    assert diagram.nodes[0].label == "server\n6.00 ms · 4 infrastructure spans\nno flow operation in this trace"
    assert diagram.nodes[1].label.startswith("query \u00d73")


def test_the_description_says_what_is_folded_and_that_arrows_are_inferred(mermaid: MermaidParser):
    diagram = mermaid.parse(MermaidGenerator().generate(a_fan_of(7, lambda _: "search")))

    assert diagram.description.startswith("8 operations in 10.0 s: 7 tool, 1 agent. 7 of them share 1 place")
    assert "Arrows are inferred from times" in diagram.description


def test_what_is_nested_too_deeply_for_boxes_stands_behind_its_container(mermaid: MermaidParser):
    diagram = mermaid.parse(MermaidGenerator(max_nesting=2).generate(a_nest_of(5)))

    assert len(diagram.subgraphs) == 2
    assert "step level 3 > llm model" in arrows(diagram)


def test_a_chain_of_containers_is_one_title_with_the_middle_counted(mermaid: MermaidParser):
    diagram = mermaid.parse(
        MermaidGenerator().generate(
            draw("""
        flow:a            #######
          step:b          #######
            step:c        #######
              agent:d     #######
                llm:x     ###
                tool:y       ###
    """)
        )
    )

    assert diagram.nodes[0].label.split("\n")[0] == "flow a \u203a 2 more \u203a agent d"


def test_recursion_is_told_once_with_its_depth(mermaid: MermaidParser):
    spans = draw("""
        step:again           ####
          step:again         ####
            step:again       ####
              llm:x          ##
              llm:y            ##
    """)

    diagram = mermaid.parse(MermaidGenerator().generate(spans))

    assert diagram.nodes[0].label.startswith("step again, 3 nested")


def test_the_same_trace_gives_the_same_bytes():
    assert MermaidGenerator().generate(draw(TWO_BRANCHES)) == MermaidGenerator().generate(draw(TWO_BRANCHES))


def test_an_analysis_at_hand_changes_nothing():
    trace = draw(TWO_BRANCHES)

    assert MermaidGenerator().generate(trace, SpanAnalysis(trace)) == MermaidGenerator().generate(trace)


def test_repeats_are_folded_more_strongly_where_there_is_too_much_to_read(mermaid: MermaidParser):
    trace = a_plan_of(60, lambda number: f"step {number % 7}")

    assert len(mermaid.parse(MermaidGenerator(comfortable=60).generate(trace)).nodes) > 30
    assert len(mermaid.parse(MermaidGenerator(comfortable=20).generate(trace)).nodes) == 15


@pytest.mark.parametrize(
    "trace",
    [
        a_plan_of(1),
        a_plan_of(500),
        a_plan_of(501),
        a_plan_of(5_000),
        a_nest_of(2_000),
        a_fan_of(5_000),
        a_fan_of(5_000, lambda _: "x"),
    ],
    ids=["1", "500", "501", "5000", "deep", "wide", "wide and equal"],
)
def test_a_trace_of_any_size_is_accepted_and_wholly_connected(trace: Trace, mermaid: MermaidParser):
    text = MermaidGenerator().generate(trace)
    diagram = mermaid.parse(text)

    assert len(diagram.edges) <= 500
    assert mermaid_length(text) <= LARGEST_TEXT
    assert is_connected(diagram)


@pytest.mark.parametrize("limit", [1, 2, 5, 20, 100])
def test_no_diagram_has_more_edges_than_asked_for(limit: int, mermaid: MermaidParser):
    for trace in (a_plan_of(200), a_nest_of(50), a_fan_of(300)):
        assert len(mermaid.parse(MermaidGenerator(max_edges=limit).generate(trace)).edges) <= limit


@pytest.mark.parametrize("limit", [1_200, 2_000, 10_000])
def test_no_diagram_is_longer_than_asked_for(limit: int):
    assert mermaid_length(MermaidGenerator(max_text=limit).generate(a_plan_of(400))) <= limit


def test_an_endless_name_does_not_fill_the_diagram():
    assert mermaid_length(MermaidGenerator().generate(a_plan_of(3, name="x" * 1_000_000))) < 2_000


def test_limits_that_cannot_be_met_are_an_error_that_says_which():
    with pytest.raises(MermaidGenerationFailed, match="still needs 1 edges, and the limits are 0 edges") as failed:
        MermaidGenerator(max_edges=0).generate(a_plan_of(3))

    assert failed.value.trace_id == "t" * 32


def test_too_little_text_is_an_error_too():
    with pytest.raises(MermaidGenerationFailed, match="characters; raise the limit"):
        MermaidGenerator(max_text=100).generate(a_plan_of(3))


def total_told(diagram: ParsedDiagram) -> int:
    """The operations that the labels add up to. Names are the parts of lines that begin with a letter or a plus."""
    lines = [line for label in labels(diagram).values() for line in label.split("\n")]
    told = [line.split(" · ")[0] for line in lines if line and not line[0].isdigit()]
    names = [name for line in told for name in line.split(" \u203a ")]
    return sum(_told_in(name) for name in names if not name.startswith(("run ", "repeated ", "failed")))


def _told_in(name: str) -> int:
    if told := re.match(r"\+?([\d,]+) (more|operation)", name):
        return _number(told[1])
    times = re.search("\u00d7([\\d,]+)", name)
    nested = re.search(r", ([\d,]+) nested", name)
    return (_number(times[1]) if times else 1) * (_number(nested[1]) if nested else 1)


def _number(digits: str) -> int:
    return int(digits.replace(",", ""))


@settings(UNHURRIED, max_examples=80)
@given(trace=random_traces(), limit=st.integers(2, 40))
def test_the_labels_add_up_to_every_operation(trace: Trace, limit: int, mermaid: MermaidParser):
    forest = operation_forest(trace)
    assume(not forest.is_overview)

    diagram = mermaid.parse(MermaidGenerator(max_edges=limit, comfortable=limit).generate(trace))

    assert total_told(diagram) == len(forest)
    assert is_connected(diagram)


@settings(UNHURRIED, max_examples=40)
@given(name=st.text(min_size=1, max_size=30))
def test_a_name_is_drawn_as_it_is_whatever_it_is(name: str, mermaid: MermaidParser):
    diagram = mermaid.parse(MermaidGenerator().generate(a_plan_of(3, name=name)))

    assert as_read(diagram.nodes[0].label.split("\n")[0]) == as_read(f"flow {name}")
