"""Values that are nested too deeply, in every form that spans are read from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.deep_message import shallow
from reev_flow.collect.too_deep import TOO_DEEP
from reev_flow.trace.span import Flag, Span
from support.deep_requests import DEEP_REQUESTS, of_protobuf
from support.reading import read_bytes

DEPTHS = [30, 70, 3_000]


def read(form: str, depth: int, nesting: str) -> list[Span]:
    spans, problems = read_bytes(DEEP_REQUESTS[form](depth, nesting))
    assert problems == []
    return spans


@pytest.mark.parametrize("form", DEEP_REQUESTS)
@pytest.mark.parametrize("nesting", ["arrayValue", "kvlistValue"])
@pytest.mark.parametrize("depth", DEPTHS)
def test_every_span_is_read_beside_a_value_of_any_depth(form: str, nesting: str, depth: int):
    spans = read(form, depth, nesting)
    assert [span.name for span in spans] == ["span 1", "span 2", "span 3"]
    assert spans[1].attributes["beside"] == "kept"


@pytest.mark.parametrize("form", DEEP_REQUESTS)
@pytest.mark.parametrize("nesting", ["arrayValue", "kvlistValue"])
@pytest.mark.parametrize("depth", [70, 3_000])
def test_a_span_with_a_value_that_is_too_deep_says_so(form: str, nesting: str, depth: int):
    flags = [Flag.CUT_CONTENT in span.flags for span in read(form, depth, nesting)]
    assert flags == [False, True, False]


@pytest.mark.parametrize("form", DEEP_REQUESTS)
def test_what_is_not_too_deep_is_kept(form: str):
    deep = read(form, 3_000, "kvlistValue")[1].attributes["deep"]
    levels = 0
    while isinstance(deep, dict):
        deep, levels = deep["k"], levels + 1
    assert (deep, levels >= 25) == (TOO_DEEP, True)


@pytest.mark.parametrize("form", DEEP_REQUESTS)
def test_a_value_that_every_reader_bears_is_whole(form: str):
    span = read(form, 20, "kvlistValue")[1]
    assert TOO_DEEP not in str(span.attributes)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_looked_through(data: bytes):
    changed = shallow(data)
    assert changed is None or len(changed) == len(data)


@given(st.data())
def test_a_message_that_breaks_off_anywhere_stays_unreadable_or_is_read(data: st.DataObject):
    whole = of_protobuf(200, "arrayValue")
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert shallow(cut) is None or cut == b""
