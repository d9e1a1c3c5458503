"""The flow operations of a trace as a forest of their own."""

from reev_flow.render.operations import OperationForest, operation_forest
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT
from support.draw import draw


def told(forest: OperationForest) -> list[str]:
    """`child in parent` for every operation."""
    labels = [forest.trace.spans[position].label for position in forest.positions]
    return [
        label if parent == NO_PARENT else f"{label} in {labels[parent]}"
        for label, parent in zip(labels, forest.parents, strict=True)
    ]


def test_an_operation_below_infrastructure_hangs_on_its_nearest_operation():
    forest = operation_forest(
        draw("""
        agent:planner     ######
          other:http      ######
            other:retry   ######
              llm:gpt     ###
    """)
    )

    assert told(forest) == ["planner", "gpt in planner"]
    assert forest.undrawn == 2


def test_an_operation_below_nothing_but_infrastructure_is_a_root():
    forest = operation_forest(
        draw("""
        other:server      ######
          agent:planner    ####
    """)
    )

    assert told(forest) == ["planner"]


def test_children_are_by_start_wherever_they_come_from():
    forest = operation_forest(
        draw("""
        agent:planner     ########
          other:http      ########
            tool:late         ###
          tool:early       ##
    """)
    )

    names = [forest.names[forest.name_keys[child]][1] for child in forest.children[0]]
    assert names == ["early", "late"]


def test_roots_are_by_start_wherever_they_come_from():
    forest = operation_forest(
        draw("""
        other:server      ########
          tool:late           ###
        tool:early         ##
    """)
    )

    assert [forest.names[forest.name_keys[root]][1] for root in forest.roots] == ["early", "late"]


def test_a_trace_of_nothing_but_infrastructure_is_an_overview_of_it():
    forest = operation_forest(
        draw("""
        other:server      ######
          other:query       ##
    """)
    )

    assert forest.is_overview
    assert told(forest) == ["server", "query in server"]


def test_below_is_everything_under_it_in_the_order_of_the_trace():
    forest = operation_forest(
        draw("""
        flow:plan         ########
          agent:a         ####
            llm:x         ##
          agent:b             ####
            llm:y             ##
    """)
    )

    assert forest.below([1, 3]) == [2, 4]


def test_operations_are_counted_most_frequent_first():
    forest = operation_forest(
        draw("""
        flow:plan         ########
          llm:x           ##
          tool:y            ##
          tool:z              ##
    """)
    )

    counted = forest.count_by_operation(range(len(forest)))
    assert list(counted.items()) == [(Operation.TOOL, 2), (Operation.FLOW, 1), (Operation.LLM, 1)]


def test_an_operation_is_found_by_its_position():
    forest = operation_forest(
        draw("""
        other:server      ######
          agent:planner    ####
    """)
    )

    assert forest.index_of(1) == 0
