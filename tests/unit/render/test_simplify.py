"""Pictures are folded, and every count stays exact."""

from collections import Counter

import pytest
from hypothesis import given, settings

from reev_flow.render.operations import operation_forest
from reev_flow.render.picture import NodeKind, Picture
from reev_flow.render.simplify import EXACT_REPEATS, FOLDS, NO_FOLD, Fold, draw_picture, draw_within
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT, Trace
from support.draw import draw
from support.made_traces import UNHURRIED, a_fan_of, a_nest_of, a_plan_of, random_traces

BY_NAME = Fold(by_name=True, least_repeats=2)
ANYWHERE = Fold(by_name=True, anywhere=True)


def picture_of(trace: Trace, fold: Fold = EXACT_REPEATS) -> Picture:
    return draw_picture(operation_forest(trace), fold)


def told(picture: Picture) -> list[str]:
    """A line for each node, indented below its parent."""
    lines: list[str] = []
    depths: list[int] = []
    for node in picture.nodes:
        depths.append(0 if node.parent == NO_PARENT else depths[node.parent] + 1)
        name = node.label if node.kind is NodeKind.OPERATION else node.kind
        times = node.rounds if node.kind is NodeKind.LOOP else node.count
        lines.append("  " * depths[-1] + name + (f" x{times}" if times > 1 else ""))
    return lines


def counted(picture: Picture) -> Counter[Operation]:
    total: Counter[Operation] = Counter()
    for node in picture.nodes:
        total.update(node.count_by_operation)
    return total


@pytest.mark.parametrize("fold", [NO_FOLD, *FOLDS])
@settings(UNHURRIED, max_examples=25)
@given(trace=random_traces())
def test_every_operation_is_counted_once_however_strongly_it_is_folded(fold: Fold, trace: Trace):
    forest = operation_forest(trace)
    picture = draw_picture(forest, fold)

    positions = sorted(position for node in picture.nodes for position in node.positions)
    assert positions == sorted(forest.positions)
    assert counted(picture) == Counter(forest.names[key][0] for key in forest.name_keys)


@pytest.mark.parametrize("fold", [NO_FOLD, *FOLDS])
@settings(UNHURRIED, max_examples=25)
@given(trace=random_traces())
def test_failures_are_counted_once_too(fold: Fold, trace: Trace):
    forest = operation_forest(trace)

    failed = sum(trace.spans[position].failed for position in forest.positions)
    assert sum(node.failed for node in draw_picture(forest, fold).nodes) == failed


@UNHURRIED
@given(trace=random_traces())
def test_without_folding_every_operation_has_a_node(trace: Trace):
    forest = operation_forest(trace)

    assert len(draw_picture(forest, NO_FOLD).nodes) == len(forest)


@UNHURRIED
@given(trace=random_traces())
def test_the_strongest_fold_leaves_a_node_or_two(trace: Trace):
    assert len(picture_of(trace, FOLDS[-1]).nodes) <= 2


@UNHURRIED
@given(trace=random_traces())
def test_parents_come_before_their_children(trace: Trace):
    picture = picture_of(trace)

    assert all(node.parent < index for index, node in enumerate(picture.nodes))
    told_once = sorted(child for family in (picture.roots, *picture.children) for child in family)
    assert told_once == list(range(len(picture.nodes)))


def test_calls_that_repeat_become_one():
    trace = draw("""
        agent:planner     ########
          tool:search     ##
          tool:search       !!
          tool:search         ##
    """)

    picture = picture_of(trace)

    assert told(picture) == ["planner", "  search x3"]
    assert (picture.nodes[1].failed, picture.nodes[1].duration_ns) == (1, 6_000_000)


def test_steps_that_repeat_are_folded_with_what_is_in_them():
    trace = draw("""
        agent:planner     ########
          step:turn       ##
            llm:gpt       #
            tool:search    #
          step:turn         ##
            llm:gpt         #
            tool:search      #
          step:turn           ##
            llm:gpt           #
            tool:search        #
    """)

    assert told(picture_of(trace)) == ["planner", "  turn x3", "    gpt x3", "    search x3"]


def test_steps_that_differ_inside_are_not_the_same():
    trace = draw("""
        agent:planner     ########
          step:turn       ##
            llm:gpt       #
          step:turn         ##
            llm:gpt         #
            tool:search      #
          step:turn           ##
            llm:gpt           #
    """)

    assert told(picture_of(trace))[1:] == ["  turn", "    gpt", "  turn", "    gpt", "    search", "  turn", "    gpt"]


def test_by_name_steps_that_differ_inside_are_put_together():
    trace = draw("""
        agent:planner     ########
          step:turn       ##
            llm:gpt       #
          step:turn         ##
            llm:gpt         #
            tool:search      #
          step:turn           ##
            llm:gpt           #
    """)

    assert told(picture_of(trace, BY_NAME)) == ["planner", "  turn x3", "    gpt x3", "    search"]


def test_rounds_become_a_loop_that_stands_for_no_operation_itself():
    trace = draw("""
        agent:planner     ########
          llm:gpt         #
          tool:search      #
          llm:gpt           #
          tool:search        #
          llm:gpt             #
          tool:search          #
    """)

    picture = picture_of(trace)

    assert told(picture) == ["planner", "  loop x3", "    gpt x3", "    search x3"]
    assert picture.nodes[1].count == 0


def test_anywhere_the_same_name_is_one_node():
    trace = draw("""
        agent:planner     ######
          llm:gpt         #
          tool:search      #
          llm:gpt           #
          tool:book          #
          llm:gpt             #
    """)

    assert told(picture_of(trace, ANYWHERE)) == ["planner", "  gpt x3", "  search", "  book"]


def test_below_the_depth_everything_is_one_rest_that_counts_by_operation():
    trace = draw("""
        flow:plan         ########
          agent:a         ####
            llm:gpt       #
            tool:search    #
            tool:search     #
    """)

    picture = picture_of(trace, Fold(by_name=True, anywhere=True, depth=2))

    assert told(picture) == ["plan", "  a", "    rest x3"]
    assert picture.nodes[2].counts == {Operation.TOOL: 2, Operation.LLM: 1}


def test_of_too_many_siblings_the_middle_is_folded_so_that_the_end_stays():
    picture = picture_of(a_plan_of(9), Fold(by_name=True, anywhere=True, siblings=4))

    assert told(picture) == ["plan", "  1", "  2", "  rest x6", "  9"]


def test_a_loop_in_the_middle_is_counted_in_the_rest():
    trace = draw("""
        flow:plan         ##########
          step:begin      #
          llm:gpt          #
          tool:search       #
          llm:gpt            #
          tool:search         #
          step:check           #
          step:end              #
    """)

    picture = picture_of(trace, Fold(by_name=True, least_repeats=2, siblings=3))

    assert told(picture) == ["plan", "  begin", "  rest x5", "  end"]


def test_tokens_are_told_of_model_calls_together():
    trace = draw("""
        agent:planner     ######
          llm:gpt         #        in=10 out=1
          llm:gpt          #       in=20 out=2
          llm:gpt           #
    """)

    usage = picture_of(trace).nodes[1].usage
    assert (usage.input, usage.output) == (30, 3)


def test_drawing_within_limits_gives_up_on_too_many_nodes():
    forest = operation_forest(a_plan_of(5))

    assert draw_within(forest, NO_FOLD, most_nodes=5) is None
    assert draw_within(forest, NO_FOLD, most_nodes=6) is not None


def test_drawing_within_limits_gives_up_on_too_many_leaves():
    forest = operation_forest(a_nest_of(4))

    assert draw_within(forest, NO_FOLD, most_leaves=3) is None
    assert draw_within(forest, NO_FOLD, most_leaves=4) is not None


@pytest.mark.parametrize("trace", [a_plan_of(5_000), a_nest_of(2_000), a_fan_of(5_000)], ids=["long", "deep", "wide"])
@pytest.mark.parametrize("fold", FOLDS)
def test_no_trace_is_too_long_too_deep_or_too_wide(trace: Trace, fold: Fold):
    assert counted(picture_of(trace, fold)).total() == len(trace)
