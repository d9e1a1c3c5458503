from reev_flow.trace.span import NO_TOKENS, TokenUsage
from reev_flow.trace.trace import side_by_side
from support.draw import draw, names

TRIP = """
    flow:trip             ############
      agent:scout          #####
        llm:gpt            ##
        tool:search          ###
      agent:writer              ######
        llm:gpt                 #####
"""


def test_roots_are_the_spans_without_a_parent():
    trace = draw("""
        flow:first   ####
        flow:second      ####
    """)

    assert names(trace, trace.roots()) == ["first", "second"]


def test_children_are_the_direct_ones_by_start():
    trace = draw(TRIP)

    assert names(trace, trace.children(0)) == ["scout", "writer"]


def test_ancestors_go_up_to_the_root():
    trace = draw(TRIP)

    assert names(trace, trace.ancestors(3)) == ["scout", "trip"]


def test_depth_counts_ancestors():
    assert draw(TRIP).depths() == [0, 1, 2, 2, 1, 2]


def test_a_walk_meets_parents_first_and_siblings_by_start():
    trace = draw(TRIP)

    assert [span.label for span in trace.walk()] == ["trip", "scout", "gpt", "search", "writer", "gpt"]


def test_the_name_is_that_of_the_first_root_of_the_flow():
    trace = draw("""
        other:POST /chat    ####
        flow:trip               ######
    """)

    assert trace.name == "trip"


def test_a_trace_of_plumbing_has_the_name_of_its_first_root():
    assert draw("other:POST /chat  ####").name == "POST /chat"


def test_conversations_are_named_once_in_order():
    trace = draw("""
        agent:a     ####    conversation=one
        agent:b        ####     conversation=two
        agent:c           ####      conversation=one
    """)

    assert trace.conversation_ids == ("one", "two")


def test_a_trace_lasts_from_its_first_start_to_its_last_end():
    trace = draw("""
        agent:a     ####
        agent:b        ####
    """)

    assert trace.duration_ns == 7_000_000
    assert len(trace) == 2


def test_a_label_is_what_a_person_would_say():
    trace = draw("""
        agent:planner      #####
          llm:gpt          ##
          tool:search        ##
          step:check           #
    """)

    assert names(trace, range(4)) == ["planner", "gpt", "search", "check"]


def test_usage_adds_field_by_field():
    first = TokenUsage(input=10, output=2, cache_read=4, cache_write=1, reasoning=1)

    assert first + first == TokenUsage(input=20, output=4, cache_read=8, cache_write=2, reasoning=2)
    assert first + NO_TOKENS == first
    assert first.total == 12


def test_the_larger_usage_is_taken_field_by_field():
    stated, below = TokenUsage(input=10, output=2), TokenUsage(input=8, output=3, reasoning=1)

    assert stated.at_least(below) == TokenUsage(input=10, output=3, reasoning=1)


def test_traces_side_by_side_keep_their_own_roots():
    first, second = draw(TRIP), draw("flow:other  ####")

    both = side_by_side([first, second])

    assert names(both, both.roots()) == ["trip", "other"]
    assert names(both, both.children(0)) == ["scout", "writer"]
    assert len(both) == 7


def test_one_trace_side_by_side_is_itself():
    trace = draw(TRIP)

    assert side_by_side([trace]) is trace
