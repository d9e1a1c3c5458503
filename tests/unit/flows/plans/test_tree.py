"""Values know the lines they stand on."""

from reev_flow.flows.plans.tree import build_tree
from reev_flow.flows.plans.yaml_text import yaml_events

TEXT = """\
steps:
- step_id: a
  depends_on: &names
  - b
- depends_on: *names
"""


def line_of(*path: str | int, is_about_key: bool = False) -> int:
    tree = build_tree(yaml_events(TEXT))
    assert tree is not None
    return tree.line_of(path, is_about_key=is_about_key)


def test_a_value_stands_on_its_line():
    assert line_of("steps", 0, "depends_on", 0) == 4


def test_a_key_stands_on_its_own_line():
    assert line_of("steps", is_about_key=True) == 1
    assert line_of("steps") == 2


def test_what_is_repeated_stands_where_it_was_written():
    assert line_of("steps", 1, "depends_on", 0) == 4


def test_what_is_not_there_stands_with_what_is_around_it():
    assert line_of("steps", 1, "step_id") == 5
    assert line_of("nothing") == 1
