"""What must hold for every table; what a table means is tested beside its name."""

import pytest

from reev_flow.collect.dialects import DIALECTS, INDEXED_PREFIXES, KINDS
from reev_flow.collect.dialects.dialect import Concept, Dialect


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_name_means_one_thing_in_a_dialect(dialect: Dialect):
    names = [name for listed in dialect.attributes.values() for name in listed] + [
        kind.attribute for kind in dialect.kinds
    ]

    assert len(names) == len(set(names))


def test_a_name_means_one_thing_in_all_dialects():
    meanings: dict[str, Concept] = {}
    for dialect in DIALECTS:
        for concept, names in dialect.attributes.items():
            for name in names:
                assert meanings.setdefault(name, concept) is concept


def test_kinds_are_not_listed_among_attributes():
    assert all(Concept.KIND not in dialect.attributes for dialect in DIALECTS)


def test_the_words_of_kinds_are_written_as_they_are_compared():
    for kind in KINDS.values():
        for word in (*kind.meanings, *kind.as_root, *kind.if_nothing_else):
            assert word == word.lower().split()[0]
        assert kind.as_root.keys() <= kind.meanings.keys() | kind.if_nothing_else.keys()
        assert not kind.meanings.keys() & kind.if_nothing_else.keys()


def test_a_prefix_is_two_words_before_a_number():
    assert all(prefix.endswith(".") and prefix.count(".") == 2 for prefix in INDEXED_PREFIXES)


def test_a_name_of_a_span_is_told_by_at_least_one_end():
    assert all(form.prefix or form.suffix or form.pattern for dialect in DIALECTS for form in dialect.span_names)


def test_dialects_have_names_of_their_own():
    names = [dialect.name for dialect in DIALECTS]

    assert len(names) == len(set(names))
