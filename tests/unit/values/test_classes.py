"""Instances of classes come back with their exact state, and only if something allowed their class."""

import dataclasses
import enum
import functools
from collections import namedtuple
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import pytest

from reev_flow.values.refusal import UnreadableValue, UnstorableValue
from reev_flow.values.tagged import decode, encode

Item = TypeVar("Item")


def stored_and_read(value: Any, annotation: Any = None) -> Any:
    annotation = annotation or type(value)
    return decode(encode(value, annotation=annotation), annotation=annotation)


@dataclasses.dataclass(frozen=True, slots=True)
class Price:
    cents: int
    text: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", f"{self.cents / 100:.2f}")


@dataclasses.dataclass
class Counted:
    times_made = 0
    name: str

    def __post_init__(self) -> None:
        Counted.times_made += 1


def test_a_frozen_dataclass_with_slots_keeps_a_field_its_constructor_does_not_take():
    assert stored_and_read(Price(1250)) == Price(1250)


def test_a_field_that_differs_from_what_the_constructor_would_set_is_kept():
    price = Price(1250)
    object.__setattr__(price, "text", "half price")
    assert stored_and_read(price).text == "half price"


def test_a_field_that_was_never_set_stays_unset():
    unfinished = object.__new__(Price)
    object.__setattr__(unfinished, "cents", 1)
    assert not hasattr(stored_and_read(unfinished), "text")


def test_reading_a_dataclass_does_not_run_its_constructor():
    value = Counted("a")
    made_before = Counted.times_made
    stored_and_read(value)
    assert Counted.times_made == made_before


def test_a_struct_comes_back_with_the_fields_it_had_whatever_its_constructor_makes_of_them():
    class Clamped(msgspec.Struct):
        share: float

        def __post_init__(self) -> None:
            self.share = min(self.share, 1.0)

    value = Clamped(0.5)
    value.share = 2.0
    assert stored_and_read(value).share == 2.0


def test_a_frozen_struct_with_renamed_fields_comes_back():
    class Renamed(msgspec.Struct, frozen=True, rename="camel", tag="renamed", array_like=True, kw_only=True):
        order_id: int
        paid: bool = False

    assert stored_and_read(Renamed(order_id=1, paid=True)) == Renamed(order_id=1, paid=True)


def test_both_kinds_of_named_tuple_come_back():
    Plain = namedtuple("Plain", "x y", module=__name__)  # noqa: PYI024 - the older kind is meant

    class Typed(NamedTuple):
        x: int
        y: int = 2

    assert stored_and_read([Plain(1, 2), Typed(1)], Plain | Typed) == [Plain(1, 2), Typed(1)]
    assert type(stored_and_read(Plain(1, 2))) is Plain


def test_a_cached_property_is_not_stored():
    @dataclasses.dataclass
    class Report:
        rows: list[int]

        @functools.cached_property
        def total(self) -> int:
            return sum(self.rows)

    report = Report([1, 2])
    assert report.total == 3
    assert "total" not in vars(stored_and_read(report))
    assert stored_and_read(report).total == 3


def test_an_instance_of_a_generic_dataclass_comes_back():
    @dataclasses.dataclass
    class Holder(Generic[Item]):
        item: Item

    assert stored_and_read(Holder[int](3), Holder[int]) == Holder(3)


@pytest.mark.parametrize("name", ["later", "_hidden"])
def test_an_attribute_besides_the_fields_is_refused(name: str):
    value = Counted("a")
    setattr(value, name, 1)
    with pytest.raises(UnstorableValue, match=f"has '{name}' besides its fields"):
        encode(value, annotation=Counted)


def test_a_slot_besides_the_fields_is_refused():
    class Marked:
        __slots__ = ("__mark",)

        def mark(self) -> None:
            self.__mark = 1

    @dataclasses.dataclass(slots=True)
    class Sheet(Marked):
        text: str

    sheet = Sheet("a")
    assert stored_and_read(sheet) == sheet
    sheet.mark()
    with pytest.raises(UnstorableValue, match="has '_Marked__mark' besides its fields"):
        encode(sheet, annotation=Sheet)


def test_a_dataclass_built_on_a_container_is_refused():
    @dataclasses.dataclass
    class Listing(list[int]):
        title: str = ""

    with pytest.raises(UnstorableValue, match="would come back as a plain list"):
        encode(Listing(), annotation=Listing)


def test_a_class_that_nothing_allows_is_refused_with_what_would_allow_it():
    with pytest.raises(UnstorableValue) as refused:
        encode({"orders": [1, Counted("a")]})
    assert str(refused.value) == (
        f'result["orders"][1] ({__name__}.Counted) is of a class that nothing allows to be rebuilt; '
        "name Counted in the return annotation, or call register_codec(Counted)"
    )


def test_an_annotation_that_could_not_be_resolved_is_named_in_the_refusal():
    with pytest.raises(UnstorableValue, match=r"the annotation 'list\[Counted\]' could not be resolved"):
        encode([Counted("a")], annotation="list[Counted]")


def test_a_subclass_of_a_named_class_is_refused():
    class Special(Counted):
        pass

    with pytest.raises(UnstorableValue, match=r"name .*Special in the return annotation"):
        encode(Special("a"), annotation=Counted)


def test_a_class_is_never_looked_up_by_the_name_in_the_data():
    stored = encode(Counted("a"), annotation=Counted)
    with pytest.raises(UnreadableValue, match=r"no class called .*Counted is allowed to be rebuilt"):
        decode(stored)


def make_twin(module: str) -> type[Any]:
    twin = dataclasses.make_dataclass("Twin", [("x", int)])
    twin.__module__ = module
    return twin


def test_a_class_is_found_when_its_module_has_another_name_now():
    as_script, as_module = make_twin("__main__"), make_twin("shop")
    assert type(decode(encode(as_script(1), annotation=as_script), annotation=as_module)) is as_module


def test_the_module_decides_between_classes_of_one_name():
    ours, theirs = make_twin("ours"), make_twin("theirs")
    assert type(stored_and_read(theirs(1), ours | theirs)) is theirs


def test_two_classes_of_one_full_name_are_refused():
    one, other = make_twin("same"), make_twin("same")
    with pytest.raises(UnstorableValue, match="shares its full name with another"):
        encode(one(1), annotation=one | other)


class TestAClassThatChangedSinceItWasStored:
    def test_a_new_field_gets_its_default(self):
        now = dataclasses.make_dataclass(
            "Order", [("id", int), ("lines", list, dataclasses.field(default_factory=list)), ("n", int, 3)]
        )
        assert self.read_with(now) == now(7, [], 3)

    def test_a_new_field_without_default_is_an_error(self):
        now = dataclasses.make_dataclass("Order", [("id", int), ("lines", list)])
        with pytest.raises(UnreadableValue, match=r"result\[0\] cannot be read back: its field 'lines' was not stored"):
            self.read_with(now)

    def test_a_field_that_is_gone_is_an_error(self):
        with pytest.raises(UnreadableValue, match="Order has no field 'id' any more"):
            self.read_with(dataclasses.make_dataclass("Order", []))

    def test_a_class_made_another_way_is_filled_all_the_same(self):
        now = msgspec.defstruct("Order", [("id", int), ("paid", bool, False)])
        assert self.read_with(now) == now(7)

    def test_a_struct_field_without_default_is_an_error(self):
        with pytest.raises(UnreadableValue, match="its field 'paid' was not stored"):
            self.read_with(msgspec.defstruct("Order", [("id", int), ("paid", bool)]))

    def test_a_named_tuple_is_filled_by_name(self):
        Order = namedtuple("Order", "new id", defaults=(None, None))  # noqa: PYI024 - the older kind is meant
        assert self.read_with(Order) == Order(None, 7)

    def test_a_named_tuple_field_without_default_is_an_error(self):
        with pytest.raises(UnreadableValue, match="its field 'new' was not stored"):
            self.read_with(namedtuple("Order", "new id"))  # noqa: PYI024 - the older kind is meant

    def test_a_class_without_fields_is_an_error(self):
        with pytest.raises(UnreadableValue, match="Order is no longer a class made of fields"):
            self.read_with(type("Order", (), {}))

    @staticmethod
    def read_with(now: type[Any]) -> Any:
        former = dataclasses.make_dataclass("Order", [("id", int)])
        now.__qualname__ = "Order"
        (order,) = decode(encode((former(7),), annotation=former), annotation=now)
        return order


def make_enum(kind: Any, name: str, members: dict[str, int]) -> Any:
    return kind(name, members, module=__name__)


class TestEnumerations:
    def test_a_member_is_known_by_its_name_not_its_value(self):
        before = make_enum(enum.Enum, "Step", {"START": 1, "END": 2})
        after = make_enum(enum.Enum, "Step", {"START": 1, "PAUSE": 2, "END": 3})
        assert decode(encode(before.END, annotation=before), annotation=after) is after.END

    def test_an_alias_comes_back_as_the_member_it_means(self):
        aliased = make_enum(enum.Enum, "Aliased", {"ONE": 1, "UN": 1})
        assert stored_and_read(aliased["UN"]) is aliased["ONE"]

    def test_a_member_that_is_gone_is_an_error(self):
        before = make_enum(enum.Enum, "Step", {"START": 1, "END": 2})
        after = make_enum(enum.Enum, "Step", {"START": 1})
        with pytest.raises(UnreadableValue, match="Step has no member 'END'"):
            decode(encode(before.END, annotation=before), annotation=after)

    def test_a_class_that_is_no_enumeration_any_more_is_an_error(self):
        before = make_enum(enum.Enum, "Step", {"START": 1})
        after = dataclasses.make_dataclass("Step", [])
        with pytest.raises(UnreadableValue, match="Step is no longer an enumeration"):
            decode(encode(before.START, annotation=before), annotation=after)

    def test_flags_keep_bits_that_have_no_name(self):
        bits = make_enum(enum.IntFlag, "Bits", {"ONE": 1, "FOUR": 4})
        assert [stored_and_read(bits(number)) for number in range(9)] == [bits(number) for number in range(9)]

    def test_a_member_of_several_bits_comes_back(self):
        modes = make_enum(enum.Flag, "Modes", {"BOTH": 3, "OTHER": 4})
        every = [modes.BOTH, modes.BOTH | modes.OTHER, modes(0)]
        assert stored_and_read(every, modes) == every
