"""RF301: what a model is sent grows from call to call, and nothing is ever left out or summed up."""

import pytest

from support.draw import draw
from support.findings import found
from support.redraw import redraw_each


def run_of(*sent: int, cached: int = 0, facts: str = "") -> str:
    calls = [
        f"      llm:gpt {' ' * (2 * number)}##  in={tokens} out=40 cached={min(cached, tokens)} {facts}"
        for number, tokens in enumerate(sent)
    ]
    return "\n".join(
        [
            f"    agent:planner {'#' * (2 * len(sent))}".replace("planner ", "planner  "),
            *(c.replace("gpt ", "gpt        ", 1) for c in calls),
        ]
    )


GROWING = (900, 2900, 5100, 7200, 9100, 11500)


def test_a_context_that_only_grows_is_found_with_all_its_calls():
    (finding,) = found("RF301", run_of(*GROWING))
    assert finding.message == (
        "the input of gpt grew from 900 to 11,500 tokens in 6 calls, and nothing was ever left out"
    )
    assert len(finding.evidence) == 6


def test_what_was_sent_again_could_be_saved():
    (finding,) = found("RF301", run_of(*GROWING))
    assert finding.saving is not None
    assert finding.saving.tokens == sum(GROWING) - 6 * 900 - 10_600


def test_the_more_it_grew_the_surer_it_is():
    less = found("RF301", run_of(2000, 3500, 5000, 6500, 8000, 9000))[0].confidence
    assert less < found("RF301", run_of(*GROWING))[0].confidence


def test_growth_after_an_earlier_conversation_is_found():
    assert len(found("RF301", run_of(500, 700, 450, *GROWING))) == 1


SILENT = {
    "a short run": run_of(900, 4000, 8000, 12000),
    "a small context": run_of(200, 500, 900, 1300, 1700, 2100),
    "a context of steady size": run_of(8000, 8200, 8400, 8600, 8800, 9000),
    "a context that is summed up": run_of(900, 2900, 5100, 1600, 3500, 5200, 5300, 5400),
    "a context that is summed up again and again": run_of(900, 4000, 8000, 900, 2000, 4000, 6000, 8000, 9000),
    "one large document": run_of(900, 1000, 9000, 9100, 9200, 9300),
    "a context that a cache serves": run_of(900, 2900, 5100, 7200, 9100, 11500, cached=7000),
    "calls that do not tell their tokens": run_of(*GROWING)
    .replace("in=", "answer=")
    .replace("out=40", "")
    .replace("cached=0", ""),
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF301", picture) == []


def test_it_is_silent_about_agents_that_are_each_sent_more_than_the_last():
    picture = """
        flow:trip           ############
          agent:planner     ##
            llm:gpt         ##            in=900 out=40
          agent:researcher    ##
            llm:gpt           ##          in=3000 out=40
          agent:writer          ##
            llm:gpt             ##        in=6000 out=40
          agent:critic            ##
            llm:gpt               ##      in=9000 out=40
          agent:editor              ##
            llm:gpt                 ##    in=12000 out=40
    """
    assert found("RF301", picture) == []


def test_it_is_silent_about_documents_that_get_longer_one_by_one():
    documents = redraw_each(
        draw(run_of(*GROWING)), "gpt", lambda number: {"input": f"{number} is sold. " * 90 * (number + 1)}
    )
    assert found("RF301", documents) == []


def test_a_history_below_a_line_that_changes_is_found():
    def sent(number: int) -> dict[str, object]:
        clock = {"role": "system", "content": f"It is {number} o'clock."}
        return {"input": [clock, *({"role": "user", "content": f"{turn} " * 90} for turn in range(number + 1))]}

    assert len(found("RF301", redraw_each(draw(run_of(*GROWING)), "gpt", sent))) == 1


def test_messages_that_stand_as_json_in_a_text_are_one_conversation_from_the_first_call_on():
    def sent(number: int) -> dict[str, object]:
        turns = ", ".join(f'{{"role": "user", "content": "{turn} is sold"}}' for turn in range(number + 1))
        return {"input": f"[{turns}]"}

    (finding,) = found("RF301", redraw_each(draw(run_of(*GROWING)), "gpt", sent))
    assert len(finding.evidence) == 6
