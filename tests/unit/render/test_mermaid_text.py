"""Names become labels that mermaid reads as one label, and that a person reads as the name."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reev_flow.render.mermaid_text import LARGEST_TEXT, LINE_BREAK, escape_label, mermaid_length, shorten
from support.drawn_label import as_read
from support.mermaid_parser import MermaidParser, MermaidRefusedError, ParsedDiagram, mermaid_parser_or_skip

WORDS_MERMAID_ACTS_ON = (
    *(
        '"',
        "`",
        "#",
        "#quot;",
        "&lt;",
        "&#60;",
        ";",
        ":",
        ":::x",
        "|",
        "\\",
        "\\n",
        "\n",
        "\r\n",
        "\t",
        "\x1b[31m",
        "\x85",
    ),
    *(
        "-->",
        "---",
        "==>",
        "-.->",
        "<",
        ">",
        "<br/>",
        "<f>",
        "<script>alert(1)</script>",
        "</style>",
        "<!--",
        "%%",
        "}%%",
    ),
    *('%%{init: {"theme":"dark"}}%%', "direction TB", "direction\u3000LR", "end", "subgraph", "graph", "flowchart TB"),
    *(
        "classDef x fill:#f00;",
        "style n1 fill:#f00;",
        "style:#quot;",
        "click n1 call f()",
        "@{ shape: circle }",
        "e1@-->",
    ),
    *(
        "C4Component",
        "C4Container",
        "C4Context",
        "C4Dynamic",
        "C4Deployment",
        "accTitle: x",
        "accDescr {",
        "---\ntitle: x\n---",
    ),
    *("$$x$$", "fa:fa-user", "fab:fa-x", "\ufb02\u00b0\u00b060\u00b6\u00df", "\ufb02", "\u00b0", "\u00b6", "\u00df"),
    *(
        'marker-end="url(abc#',
        "1. one",
        "2)",
        "- dash",
        "+ plus",
        "= is",
        "_x_",
        "__init__",
        "**b**",
        "~~s~~",
        "www.foo.com",
    ),
    *(
        "[a](b)",
        "x@y.com",
        "https://a.b/c?d=e#f",
        "C:\\new",
        "\ufeff",
        "\u2028",
        "\u202e",
        "\u2060",
        "\ud800",
        "\uffff",
        " ",
        "a",
    ),
)

hostile_labels = st.lists(st.one_of(st.sampled_from(WORDS_MERMAID_ACTS_ON), st.text(max_size=8)), max_size=6).map(
    "".join
)


@pytest.fixture(scope="module")
def mermaid() -> Iterator[MermaidParser]:
    with mermaid_parser_or_skip() as parser:
        yield parser


def drawn_everywhere(labels: Sequence[str]) -> str:
    """Each label as a comment, as a subgraph's title, as the node in it, and on the edge to the next."""
    escaped = [escape_label(label) for label in labels]
    boxes = [
        f'  %% {text}\n  subgraph s{place} ["{text}"]\n    n{place}["{text}"]:::failed\n  end'
        for place, text in enumerate(escaped)
    ]
    edges = [f'  n{place} -->|"{text}"| n{(place + 1) % len(labels)}' for place, text in enumerate(escaped)]
    described = f"  accTitle: {escaped[0]}\n  accDescr: {escaped[-1]}"
    return "\n".join(["flowchart TB", described, *boxes, *edges])


def labels_read(diagram: ParsedDiagram) -> dict[str, str]:
    nodes = {node.id: as_read(node.label) for node in diagram.nodes}
    subgraphs = {subgraph.id: as_read(subgraph.label) for subgraph in diagram.subgraphs}
    return nodes | subgraphs | {f"from {edge.source}": as_read(edge.label) for edge in diagram.edges}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(hostile_labels, min_size=1, max_size=12))
@example(list(WORDS_MERMAID_ACTS_ON))
def test_a_name_is_read_unchanged_on_nodes_edges_and_subgraphs(mermaid: MermaidParser, names: list[str]):
    diagram = mermaid.parse(drawn_everywhere(names))

    assert labels_read(diagram) == {
        f"{place}{index}": as_read(name) for index, name in enumerate(names) for place in ("n", "s", "from n")
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile_labels)
@example("\ufeff")
def test_a_name_is_read_unchanged_in_the_title_and_the_description(mermaid: MermaidParser, name: str):
    diagram = mermaid.parse(drawn_everywhere([name]))

    assert (as_read(diagram.title), as_read(diagram.description)) == (as_read(name), as_read(name))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile_labels, hostile_labels)
@example("C:\\new $$x$$", "fa:fa-user \\n <b>")
def test_two_names_with_a_line_break_between_are_two_lines(mermaid: MermaidParser, first: str, second: str):
    both = escape_label(first) + LINE_BREAK + escape_label(second)

    (node,) = mermaid.parse(f'flowchart TB\n  n1["{both}"]').nodes

    assert as_read(node.label) == as_read(f"{first} {second}")


def test_a_hostile_name_that_is_not_escaped_is_refused_or_changed(mermaid: MermaidParser):
    """So that the tests above are known to see the difference."""

    def survives(word: str) -> bool:
        try:
            nodes = mermaid.parse(f'flowchart TB\n  n1["a {word} b"]').nodes
        except MermaidRefusedError:
            return False
        return [as_read(node.label) for node in nodes] == [as_read(f"a {word} b")]

    words = (
        "direction TB",
        "C4Component",
        "<f>",
        "#quot;",
        "\\n",
        "fa:fa-user",
        '%%{init: {"theme":"dark"}}%%',
        "\ufb02\u00b0",
    )
    assert [word for word in words if survives(word)] == []


def test_the_limit_is_counted_as_mermaid_counts_it(mermaid: MermaidParser):
    start = 'flowchart TB\n  n1["'
    largest = start + "😀" * ((LARGEST_TEXT - len(start) - 2) // 2) + '"]'
    assert mermaid_length(largest) in {LARGEST_TEXT, LARGEST_TEXT - 1}

    mermaid.parse(largest)
    with pytest.raises(MermaidRefusedError, match="Maximum text size"):
        mermaid.parse(largest + "\n\n")


@pytest.mark.parametrize(
    "name", ["get_weather", "gpt-4o-mini", "search (3 of 4)", "1.23 s", "12 calls", "天気を調べる", "it's a/b, c.d"]
)
def test_an_ordinary_name_is_left_as_it_is(name: str):
    assert escape_label(name) == name


@pytest.mark.parametrize("nothing", ["", "  ", "\n", "\x00", "\ufeff", "\u202e"])
def test_a_blank_name_still_makes_a_label(nothing: str):
    assert escape_label(nothing) == "#160;"


@given(hostile_labels)
def test_a_label_has_no_character_that_could_end_it(name: str):
    assert not set(escape_label(name)) & set('"`<>&|{}\\%:$~^*@\n\r\t\u2028')


@given(hostile_labels)
def test_a_label_can_be_written_to_a_file(name: str):
    assert escape_label(name).encode().decode() == escape_label(name)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("1. one", "1#46; one"),
        ("- one", "#45; one"),
        ("__init__", "#95;#95;init_#95;"),
        ("see www.foo.com", "see #119;ww.foo.com"),
        ("[a](b)", "[a#93;(b)"),
    ],
)
def test_markdown_is_kept_from_a_mermaid_that_would_read_it(name: str, label: str):
    assert escape_label(name) == label


@given(hostile_labels)
def test_a_name_within_the_limit_is_not_shortened(name: str):
    assert shorten(name, max(1, len(name))) == name


@given(st.text(), st.integers(min_value=1, max_value=20))
def test_a_shortened_name_is_a_beginning_with_an_ellipsis(name: str, limit: int):
    short = shorten(name, limit)

    assert short == name or (short.endswith("…") and name.startswith(short[:-1]))


@given(st.text(alphabet="ab 天é", min_size=1), st.integers(min_value=1, max_value=20))
def test_a_shortened_name_has_at_most_the_limit(name: str, limit: int):
    assert len(shorten(name, limit)) <= limit


@pytest.mark.parametrize(
    "character", ["e\u0301", "👨\u200d👩\u200d👧\u200d👦", "🇩🇪", "👍🏽", "❤\ufe0f", "न\u0940", "a", "天"]
)
def test_what_a_reader_sees_as_one_character_is_counted_as_one(character: str):
    assert shorten(character * 5, 5) == character * 5
    assert shorten(character * 6, 5) == character * 4 + "…"


def test_a_letter_under_a_tower_of_accents_does_not_pass_whole():
    assert len(shorten("a" + "\u0301" * 10_000, 4)) < 100


def test_no_blank_is_left_before_the_ellipsis():
    assert shorten("call the tool", 6) == "call…"
