"""RF203 to RF207: operations that failed for a reason with a known remedy."""

import pytest

from support.draw import draw
from support.findings import found, found_codes

FAMILY = {"RF203", "RF204", "RF205", "RF206", "RF207"}


@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        ("RF203", "429 Too Many Requests", "tool search failed: rate limited (429 Too Many Requests)"),
        ("RF204", "401 Unauthorized", "tool search failed: access refused (401 Unauthorized)"),
        ("RF205", "404 Not Found", "tool search failed: not found (404 Not Found)"),
        ("RF206", "503 Service Unavailable", "tool search failed: service error (503 Service Unavailable)"),
        ("RF207", "timed out", "tool search failed: timed out (timed out)"),
    ],
)
def test_each_family_has_its_code(code: str, error: str, told: str):
    picture = f"""
        agent:planner         ########
          tool:search(q=a)    !!!!       error="{error}"
    """
    assert [finding.message for finding in found(code, picture)] == [told]
    assert found_codes(picture) & FAMILY == {code}


def test_a_model_call_that_failed_is_found_too():
    picture = """
        agent:planner    !!!!      error="429"
          llm:gpt        !!!       error="429 Too Many Requests"
    """
    assert [finding.message for finding in found("RF203", picture)] == [
        "llm gpt failed: rate limited (429 Too Many Requests)"
    ]


def test_several_failures_of_one_thing_are_one_finding():
    picture = """
        agent:planner         ##########
          tool:search(q=a)    !!            error="429"
          tool:search(q=b)      !!          error="429"
          tool:search(q=c)        !!        error="429"
    """
    (finding,) = found("RF203", picture)
    assert finding.message == "tool search failed 3 times: rate limited (429)"
    assert len(finding.evidence) == 3


def test_several_levels_of_one_error_are_one_finding():
    picture = """
        flow:trip           !!!!!!!!   error="429"
          agent:planner      !!!!!!    error="429"
            agent:searcher    !!!!     error="429"
              tool:search      !!      error="429"
    """
    trace = draw(picture)
    (finding,) = found("RF203", trace)
    assert finding.evidence == (trace.spans[3].span_id,)


def test_it_is_as_sure_as_the_surest_of_its_failures():
    picture = """
        agent:planner          ##########
          tool:search(q=a)     !!!!          error="tool failed"
            other:GET           !!           error="429"
          tool:search(q=b)         !!!       error="429"
    """
    assert found("RF203", picture)[0].confidence == 0.9


def test_a_failure_without_words_has_none_to_quote():
    picture = """
        step:tools            !!!!
          tool:search(q=a)    !!!
    """
    assert found_codes(picture) & FAMILY == set()


SILENT = {
    "one retry that succeeds": """
        agent:planner         ########
          tool:search(q=a)    !!         error="503"
          llm:gpt               ##
          tool:search(q=a)        ##
    """,
    "a model that another one stood in for": """
        agent:planner    ########
          llm:gpt        !!!        error="529 overloaded"
          llm:claude        ###
    """,
    "a request that failed inside an operation that went well": """
        agent:planner         ########
          tool:exists(q=a)    ####
            other:GET          !!        error="404 Not Found"
    """,
    "a request that failed outside of any operation": """
        other:GET      !!!!     error="404 Not Found"
    """,
    "the word error in a result": """
        agent:planner                                  ########
          tool:search(q=a) -> all about the 404 error  ####
    """,
    "an error in a log that was read": """
        agent:planner                                        ########
          tool:read_log(of=api) -> "Error: 503 unavailable"  ####
    """,
    "an error of no family": """
        agent:planner         ########
          tool:search(q=a)    !!!!       error="ValueError: bad date"
    """,
    "a pause for a person": """
        agent:planner         ########
          tool:send(to=ann)   !!!!       error="GraphInterrupt: 404 shipments, approve?"
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found_codes(picture) & FAMILY == set()
