"""Which digits are the number of a card or of a bank account, by their check digits."""

# How long the account numbers of each country are.
IBAN_LENGTHS = {
    country: int(length)
    for length, countries in (
        ("15", "NO"),
        ("16", "BE"),
        ("18", "DK FI FO GL NL"),
        ("19", "MK SI"),
        ("20", "AT BA EE KZ LT LU XK"),
        ("21", "CH HR LI LV"),
        ("22", "BG BH CR DE GB GE IE ME RS VA"),
        ("23", "AE GI IL IQ TL"),
        ("24", "AD CZ ES MD PK RO SA SE SK TN VG"),
        ("25", "LY PT ST"),
        ("26", "IS TR"),
        ("27", "FR GR IT MC MR SM"),
        ("28", "AL AZ BY CY DO GT HU LB PL SV"),
        ("29", "BR EG PS QA UA"),
        ("30", "JO KW MU"),
        ("31", "MT SC"),
    )
    for country in countries.split()
}
IBANS_OF_MANUALS = frozenset(
    [
        "DE89370400440532013000",
        "DE02120300000000202051",
        "DE75512108001245126199",
        "GB82WEST12345698765432",
        "GB29NWBK60161331926819",
        "GB33BUKB20201555555555",
        "FR1420041010050500013M02606",
        "FR7630006000011234567890189",
        "NL91ABNA0417164300",
        "ES9121000418450200051332",
        "IT60X0542811101000000123456",
        "CH9300762011623852957",
        "AT611904300234573201",
        "BE68539007547034",
        "PT50000201231234567890154",
    ]
)
CARDS_OF_MANUALS = frozenset(
    [
        "4012888888881881",
        "5105105105105100",
        "378282246310005",
        "371449635398431",
        "378734493671000",
        "6011000990139424",
        "30569309025904",
        "38520000023237",
        "3530111333300000",
        "3566002020360505",
        "5200828282828210",
        "2223003122003222",
        "6011981111111113",
        "4917610000000000",
        "5454545454545454",
        "4917300800000000",
    ]
)
TEST_BEGINNINGS = ("400000", "4242", "424242", "555555", "411111", "601111", "123456")
LEAST_DISTINCT = 4


def is_card(digits: str) -> bool:
    """Of a network that gives out cards of this length, and none that manuals use."""
    if not _is_of_a_network(digits) or digits.startswith(TEST_BEGINNINGS) or digits in CARDS_OF_MANUALS:
        return False
    return len(set(digits)) >= LEAST_DISTINCT and _luhn(digits) % 10 == 0


def is_iban(text: str) -> bool:
    """In capitals and without blanks."""
    if IBAN_LENGTHS.get(text[:2]) != len(text) or text in IBANS_OF_MANUALS or len(set(text[4:])) < LEAST_DISTINCT:
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def _is_of_a_network(digits: str) -> bool:
    first_two, first_four = int(digits[:2]), int(digits[:4])
    if len(digits) == 15:
        return first_two in {34, 37}
    is_visa, is_mastercard = digits[0] == "4", 51 <= first_two <= 55 or 2221 <= first_four <= 2720
    return len(digits) == 16 and (is_visa or is_mastercard or first_four == 6011 or first_two == 65)


def _luhn(digits: str) -> int:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return sum(int(digit) for digit in digits[-1::-2]) + sum(value - 9 if value > 9 else value for value in doubled)
