"""What is new in each text."""

from hypothesis import given
from hypothesis import strategies as some

from reev_flow.analysis.evidence.new_texts import OVERLAP, SEARCHED_TOGETHER, WORTH_CUTTING, pieces_of_news

SENTENCES = "".join(f"{number} sheep jumped over the fence. " for number in range(1_000))


def test_what_a_text_repeats_of_the_last_of_its_name_is_left_out():
    longer = SENTENCES[:20_000] + "and one more"

    assert sum(map(len, pieces_of_news({SENTENCES[:20_000]: "said", longer: "said"}))) < 20_000 + 2 * OVERLAP


def test_what_a_text_of_another_name_holds_is_not_left_out():
    longer = SENTENCES[:20_000] + "and one more"

    assert sum(map(len, pieces_of_news({SENTENCES[:20_000]: "said", longer: "heard"}))) > 40_000


def test_a_text_stays_in_one_piece():
    texts = [f"{number} {SENTENCES[: SEARCHED_TOGETHER // 3]}" for number in range(10)]

    pieces = list(pieces_of_news(dict.fromkeys(texts, "said")))

    assert len(pieces) > 2
    assert all(any(text.encode() in piece for piece in pieces) for text in texts)


@given(some.integers(0, 3 * WORTH_CUTTING), some.text(max_size=50), some.text(min_size=1, max_size=50))
def test_where_texts_part_everything_is_there(same, one, other):
    texts = {SENTENCES[:same] + one: "said", SENTENCES[:same] + other: "said"}

    held = b"".join(pieces_of_news(texts))

    assert all((SENTENCES[:same][-100:] + end).encode(errors="surrogatepass") in held for end in (one, other))
