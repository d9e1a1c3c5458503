"""Which tool calls were further goes at a question that had failed."""

from reev_flow.analysis.calls.retries import Retried
from reev_flow.analysis.run_facts import RunFacts
from support.draw import draw


def retried(picture: str) -> tuple[Retried, ...]:
    return RunFacts(draw(picture)).retried_calls


def told(picture: str) -> list[tuple[str, int, bool]]:
    return [(one.name, one.retries, one.went_well) for one in retried(picture)]


def test_goes_at_one_question_are_one_group_until_one_goes_well():
    picture = """
        agent:planner                ############
          tool:search(q=a)           !!              error=503
          tool:search(q=a)             !!            error=503
          tool:search(q=a) -> TP1277     ##
          tool:search(q=a) -> TP1277         ##
    """
    assert told(picture) == [("search", 2, True)]


def test_the_same_arguments_written_differently_are_the_same_question():
    picture = """
        agent:planner                ############
          tool:search(q=a, n=5)      !!              error=503
          llm:gpt                      ##
          tool:search(n=5.0, q=a)        !!          error=503
    """
    assert told(picture) == [("search", 1, False)]


def test_another_question_is_no_retry():
    picture = """
        agent:planner         ############
          tool:search(q=a)    !!              error=503
          tool:search(q=b)      !!            error=503
    """
    assert told(picture) == []


def test_questions_side_by_side_are_no_retries():
    picture = """
        agent:planner         ############
          tool:search(q=a)    !!!!            error=503
          tool:search(q=a)     !!!!           error=503
    """
    assert told(picture) == []


def test_without_arguments_nobody_knows_what_was_asked():
    picture = """
        agent:planner      ############
          tool:search      !!              error=503
          tool:search        !!            error=503
    """
    assert told(picture) == []


def test_a_result_that_reports_a_failure_counts_as_one():
    picture = """
        agent:planner                        ############
          tool:search(q=a) -> Error: 503     ##
          tool:search(q=a) -> TP1277           ##
    """
    assert told(picture) == [("search", 1, True)]


def test_a_question_that_fails_again_later_is_a_group_of_its_own():
    picture = """
        agent:planner                ################
          tool:search(q=a)           !!                  error=503
          tool:search(q=a) -> TP1277   ##
          tool:search(q=a)               !!              error=503
          tool:search(q=a)                 !!            error=503
    """
    assert told(picture) == [("search", 1, True), ("search", 1, False)]


def test_an_argument_that_counts_the_goes_is_no_other_question():
    picture = """
        agent:planner                        ############
          tool:search(q=a, attempt=1)        !!              error=503
          tool:search(q=a, attempt=2) -> TP    ##
    """
    assert told(picture) == [("search", 1, True)]
