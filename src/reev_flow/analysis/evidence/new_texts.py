"""What is new in each text of a trace: calls of a model repeat what was said before."""

from collections.abc import Iterable, Iterator, Mapping

from reev_flow.analysis.evidence.recorded_texts import BETWEEN

WORTH_CUTTING = 256  # characters that two texts of one name have in common at least
OVERLAP = 1_024  # characters before the new part of a text, so that what begins there is still found
SEARCHED_TOGETHER = 32_768  # characters: few enough to stay near the processor


def pieces_of_news(names_by_text: Mapping[str, str]) -> Iterator[bytes]:
    """Everything that the texts hold, but of each only what is new in it. No text is divided between two pieces."""
    latest: dict[str, str] = {}  # by name
    texts: list[str] = []
    length = 0
    for text, name in names_by_text.items():
        common = _in_common(latest.get(name, ""), text) if len(text) >= WORTH_CUTTING else 0
        latest[name] = text
        texts.append(text[common - OVERLAP :] if common > OVERLAP else text)
        length += len(texts[-1])
        if length >= SEARCHED_TOGETHER:
            yield _put_together(texts)
            texts, length = [], 0
    yield _put_together(texts)


def _put_together(texts: Iterable[str]) -> bytes:
    return BETWEEN.decode().join(texts).encode(errors="surrogatepass")


def _in_common(one: str, other: str) -> int:
    """With how many characters both begin; 0 when it is not worth knowing."""
    if len(one) < WORTH_CUTTING or not other.startswith(one[:WORTH_CUTTING]):
        return 0
    sure, possible = WORTH_CUTTING, min(len(one), len(other))
    while sure < possible:
        middle = (sure + possible + 1) // 2
        if one[sure:middle] == other[sure:middle]:
            sure = middle
        else:
            possible = middle - 1
    return sure
