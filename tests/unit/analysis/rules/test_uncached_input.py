"""RF303: the same large beginning is sent to a model again and again, and its cache never serves it."""

import pytest

from support.draw import draw
from support.findings import found
from support.redraw import redraw_each

GROWN = """
    agent:planner    ########
      llm:gpt-4.1    ##          in=6000 out=40 cached=0
      llm:gpt-4.1      ##        in=6400 out=40 cached=0
      llm:gpt-4.1        ##      in=6900 out=40 cached=0
"""
RULES = "You plan trips. " * 400


def told(*prompts: str) -> list[float]:
    trace = redraw_each(draw(GROWN), "gpt-4.1", lambda number: {"input": prompts[number]})
    return [finding.confidence for finding in found("RF303", trace)]


def test_a_growing_history_that_no_cache_serves_is_found():
    (finding,) = found("RF303", GROWN)
    assert finding.message == (
        "gpt-4.1 was sent the same beginning in 3 calls in a row, about 12,400 tokens again, and none came from its cache"
    )


def test_texts_prove_it_better_than_tokens():
    assert told(RULES + "a", RULES + "b", RULES + "c")[0] > found("RF303", GROWN)[0].confidence


def test_a_cache_that_serves_another_agent_proves_that_there_is_one():
    picture = """
        flow:trip            ##############
          agent:planner      ######
            llm:home-made    ##                  in=6000 out=40
            llm:home-made      ##                in=6400 out=40
            llm:home-made        ##              in=6900 out=40
          agent:writer             ##
            llm:home-made          ##            in=2000 out=40 cached=1500
    """
    assert len(found("RF303", picture)) == 1


def test_one_call_that_says_so_is_enough_to_know_that_the_program_tells():
    assert len(found("RF303", GROWN.replace(" cached=0", "", 2))) == 1


def test_texts_tell_it_also_where_nothing_says_what_a_cache_served():
    messages = [[{"role": "user", "content": RULES + end}] for end in ("a", "b", "c")]
    unsaid = draw(GROWN.replace(" cached=0", ""))
    (finding,) = found("RF303", redraw_each(unsaid, "gpt-4.1", lambda number: {"input": messages[number]}))
    assert "nothing says that its cache served any" in finding.message
    assert finding.confidence < told(RULES + "a", RULES + "b", RULES + "c")[0]


def test_one_message_may_begin_alike_and_end_otherwise():
    messages = [[{"role": "user", "content": RULES + end}] for end in ("a", "b", "c")]
    trace = redraw_each(draw(GROWN), "gpt-4.1", lambda number: {"input": messages[number]})
    assert found("RF303", trace)[0].confidence > found("RF303", GROWN)[0].confidence


def test_it_is_silent_where_texts_begin_differently():
    assert told("1" + RULES, "2" + RULES, "3" + RULES) == []


SILENT = {
    "a beginning that the cache serves": GROWN.replace("in=6900 out=40 cached=0", "in=6900 out=40 cached=6272"),
    "a model that nobody knows to have a cache": GROWN.replace("gpt-4.1", "gpt-old"),
    "a model that somebody runs at home": GROWN.replace("gpt-4.1", "qwen3:8b").replace("         in", "        in"),
    "tokens alone, of a program that never says what came from a cache": GROWN.replace(" cached=0", ""),
    "two calls": "\n".join(GROWN.splitlines()[:-1]),
    "short inputs": GROWN.replace("in=6", "in=0"),
    "inputs that do not grow": GROWN.replace("in=6900", "in=2900"),
    "tokens that are not known": GROWN.replace("in=6", "answer=6").replace("out=40 cached=0", ""),
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF303", picture) == []


def test_it_is_silent_about_calls_so_far_apart_that_a_cache_forgets():
    assert found("RF303", GROWN.replace("  ##      in", "        ##  in"), ms_per_column=100_000) == []
