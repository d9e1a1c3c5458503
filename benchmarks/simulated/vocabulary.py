"""Words of many kinds, drawn so freely that nobody can know a behaviour by them."""

import string
from random import Random
from typing import Any


def _each(words: str) -> tuple[str, ...]:
    return tuple(words.split())


NOUNS = _each(
    "invoice order customer shipment parcel patient ticket incident flight hotel room seat contract lease policy claim account ledger payment "
    "refund subscription product warehouse supplier recipe ingredient restaurant menu driver route vehicle station sensor meter reading "
    "transcript lecture course student exam grade article journal citation author publication dataset table column schema query dashboard "
    "report budget forecast quote portfolio bond fund trade position repository branch commit issue build artifact container cluster pod "
    "volume certificate domain record zone campaign audience lead contact deal meeting calendar event attendee document folder page "
    "section template asset image video playlist track album concert museum exhibit statute ruling case docket permit parcel_map survey "
    "sample protein gene compound assay trial cohort prescription dosage allergy vaccine appointment clinic vendor tender bid milestone "
    "sprint release feature experiment segment cohort_group badge visitor locker gate terminal vessel cargo container_slot berth tide buoy"
)
SYLLABLES = _each(
    "ba ka lo mi ren tor sil va ne du po fra gul hes jin lum mar nov oss pel qui ras ste tam ulm vex wil xan yor zet"
)
FILLER = _each(
    "the of a to and in for with on by from as at near under over between quarter region total average early late north south steady "
    "regular recent local annual revised signed open second third main final several current planned paid sent stored booked opened moved "
    "figures items entries values notes visits units hours days weeks percent group team office site line step level number list plan price"
)
CITIES = _each(
    "Oslo Lyon Porto Graz Turin Bergen Leeds Lodz Cork Ghent Basel Utrecht Malmo Kyoto Busan Quito Lima Perth Tampa Boise Accra"
)
FIELDS = _each("id key ref number code identifier uid slug handle")
ENDINGS = ("name", "total", "date", "note", "count", "place")


class Words:
    """Draws from the dice that it is given."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self._columns: dict[str, list[str]] = {}

    def noun(self) -> str:
        return self.dice.choice(NOUNS)

    def made_up(self) -> str:
        return "".join(self.dice.choices(SYLLABLES, k=self.dice.randint(2, 4)))

    def name(self) -> str:
        return self.made_up().capitalize()

    def identifier(self) -> str | int:
        dice = self.dice
        letters = "".join(dice.choices(string.ascii_uppercase, k=dice.randint(2, 3)))
        forms: tuple[str | int, ...] = (
            dice.randint(1_000, 999_999),
            f"{letters}-{dice.randint(1_000, 99_999)}",
            f"{self.made_up()}_{dice.getrandbits(32):08x}",
            f"{dice.getrandbits(48):012x}",
        )
        return dice.choice(forms)

    def text(self, words: int) -> str:
        """Sentences that say nothing."""
        dice, sentences, left = self.dice, [], words
        while left > 0:
            length = min(left, dice.randint(6, 14))
            some = [
                dice.choice(FILLER) if dice.random() < 0.7 else dice.choice((self.noun, self.name))()
                for _ in range(length)
            ]
            sentences.append(" ".join(some).capitalize() + ".")
            left -= length
        return " ".join(sentences)

    def phrase(self) -> str:
        return " ".join([self.dice.choice(FILLER), self.noun(), self.made_up(), self.dice.choice(CITIES)])

    def record(self, about: str | int | None = None, *, source: str = "") -> dict[str, Any]:
        """What a database tells of one thing. Records of one source have the same columns."""
        columns = self._columns.get(source) or self._drawn_columns()
        if source:
            self._columns[source] = columns
        key, *others = columns
        return {key: self.identifier() if about is None else about} | {name: self._value(name) for name in others}

    def _drawn_columns(self) -> list[str]:
        others = [f"{self.noun()}_{self.dice.choice(ENDINGS)}" for _ in range(self.dice.randint(2, 6))]
        return [self.dice.choice(FIELDS), *others]

    def _value(self, column: str) -> str | int | float:
        dice = self.dice
        if column.endswith("count"):
            return dice.randint(0, 5_000)
        if column.endswith("total"):
            return round(dice.random() * 1_000, 2)
        if column.endswith("date"):
            return f"20{dice.randint(18, 27)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        return self.phrase()
