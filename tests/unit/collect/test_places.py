from reev_flow.collect.dialects.dialect import Concept
from reev_flow.collect.places import LONGEST_SHAPE, places_of
from reev_flow.trace.span import Attributes

ANSWERED_BY: Attributes = {"gen_ai.request.model": "asked for", "gen_ai.response.model": "answered"}


def models(attributes: Attributes) -> list[str]:
    return [place.attribute for place in places_of(attributes).get(Concept.MODEL, ())]


def test_what_counts_most_comes_first():
    assert models(ANSWERED_BY) == ["gen_ai.response.model", "gen_ai.request.model"]


def test_the_order_of_attributes_changes_nothing():
    assert models(dict(reversed(ANSWERED_BY.items()))) == models(ANSWERED_BY)


def test_names_that_are_too_many_to_be_remembered_mean_the_same():
    many: Attributes = {f"app.setting_{number}": number for number in range(LONGEST_SHAPE)}

    assert models(many | ANSWERED_BY) == models(ANSWERED_BY)


def test_names_without_a_meaning_have_no_place():
    assert not places_of({"app.tenant": "shop", "gen_ai.prompt.first.role": "user"})


def test_the_pieces_of_a_list_are_one_place():
    (place,) = places_of({"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "hi"})[Concept.INPUT]

    assert place.leaves == (("gen_ai.prompt.0.role", "0.role"), ("gen_ai.prompt.0.content", "0.content"))
