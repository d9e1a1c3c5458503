"""Where a text holds secrets that somebody uses, or numbers of cards and accounts: fewer than are masked before spans are kept.

What is masked wrongly is a nuisance, what is reported wrongly is a false alarm: so everything that could be an example, an id or a digest
is left out. As in `secret_search`, expressions are only tried where something that is cheap to look for was found.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator

import msgspec

from reev_flow.analysis.meaning.account_numbers import is_card, is_iban
from reev_flow.analysis.meaning.stand_in_texts import (
    is_jumbled,
    is_made_up_password,
    is_placeholder,
    is_random,
    is_tossed,
)
from reev_flow.trace import secret_patterns as patterns
from reev_flow.trace.secret_search import places_of, places_of_tokens


class Secret(msgspec.Struct, frozen=True):
    """`start` and `end` are in bytes."""

    kind: str
    start: int
    end: int
    confidence: float


SURE_BY_FORM = 0.9
SURE_BY_NAME = 0.75  # a password has no form of its own
SURE_OF_A_CARD, SURE_OF_AN_ACCOUNT = 0.75, 0.7

BEGINNINGS = (
    ("sk-ant-", "an Anthropic key"), ("sk-", "an API key"), ("gh", "a GitHub token"), ("gl", "a GitLab token"), ("xo", "a Slack token"),
    ("xapp", "a Slack token"), ("AKIA", "an AWS access key"), ("ASIA", "an AWS access key"), ("AIza", "a Google API key"),
    ("sk_", "a Stripe key"), ("rk_", "a Stripe key"), ("hf_", "a Hugging Face token"), ("npm_", "a token of npm"), ("pypi-", "a token of PyPI"),
    ("eyJ", "a signed web token"),
)  # fmt: skip
HARMLESS = ("pk_", "pk-", "sk_test", "rk_test", "key-")  # made to be published, or to try things out
PASSWORD_IN_ADDRESS = re.compile(
    rb"""://([^\s/:@"'<>\\?#]{0,256}):(?![*<{$%\[])([^\s/@"'<>\\]{6,1024})@([A-Za-z0-9._-]{1,255})"""
)
NOT_ELSEWHERE = ("localhost", "127.", "0.0.0.0", "host.docker.internal", "example.", "host")  # noqa: S104 - names in addresses
MEMBER = re.compile(
    rb"""(?i:passw(?:or)?d|passphrase|secret(?:[_-]?key)?|credential|key|token)s?\\*["']\s*[:=]\s*\\*["']([^"'\\\s]{8,200})\\*["']"""
)
ASSIGNED = re.compile(
    rb"""(?i:passw(?:or)?d|passphrase|secret|credential|key|token)s?[ \t]*[:=][ \t]*"""
    rb"""(?:\\*["']([^"'\\\s]{8,200}+)\\*["']|([^\s"'\\,;&<>(){}\[\]*$]{8,200}+)(?![(*$\[{]))"""
)
WORDS = (b"pass", b"secret", b"credential")
SHAPES = bytes(
    ord("0")
    if chr(byte).isdigit()
    else ord("A")
    if chr(byte).isupper() and byte < 128
    else ord(" ")
    if chr(byte) in " -"
    else ord(".")
    for byte in range(256)
)
IN_WORDS = b"abcdefghijklmnopqrstuvwxyz -"
BEYOND_IDS = b"ghijklmnopqrstuvwxyz -"  # without the letters up to f, which keep the digits of an id apart
CARD = re.compile(rb"(?<![\w.-])(?:(\d{15,16})|(\d{4}(?:[ -]\d{4}){3}|\d{4}[ -]\d{6}[ -]\d{5}))(?![\w-]|\.\d)")
LONG_NUMBER = b"0" * 15
NOT_A_DIGIT = re.compile(rb"[^0]")
ACCOUNT_BEGINNING = b"AA00"
GROUPED_CARDS = (b"0000 0000 0000 0000", b"0000 000000 00000")
ABOUT_CARDS = re.compile(rb"card|credit|debit|visa|master|amex|\bpan\b|\bcc\b|pay", re.IGNORECASE)
BEFORE_CARD = 60  # characters before a number that may say what it is
IBAN = re.compile(rb"(?<![A-Za-z0-9])([A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?)(?![A-Za-z0-9])")


def secrets_in(data: bytes) -> Iterator[Secret]:
    """In any order. The same place may be told twice, as different kinds."""
    lowered = data.lower()
    for search in SEARCHES:
        yield from search(data, lowered)


def _tokens(data: bytes, _: bytes) -> Iterator[Secret]:
    until = 0
    for at in places_of_tokens(data):
        found = patterns.TOKEN.match(data, at) if at >= until else None
        if found is None:
            continue
        until, text = found.end(), found[0].decode()
        if text.startswith(HARMLESS) or not (_is_web_token(text) if text.startswith("eyJ") else is_random(text)):
            continue
        kind = next((kind for beginning, kind in BEGINNINGS if text.startswith(beginning)), "a token of a service")
        yield Secret(kind, found.start(), found.end(), SURE_BY_FORM)


def _is_web_token(text: str) -> bool:
    """Signed, and not the one that manuals show."""
    _, claims, signature = text.split(".")
    told = urlsafe_b64decode(claims + "=" * (-len(claims) % 4)) if len(claims) % 4 != 1 else b""
    return told.startswith(b"{") and b"1234567890" not in told and len(set(signature)) >= 12


def _private_keys(data: bytes, _: bytes) -> Iterator[Secret]:
    until = 0
    for at in places_of(data, patterns.BLOCK_BEGINNING):
        found = patterns.BLOCK.match(data, at) if at >= until else None
        if found is not None:
            until = found.end()
            inside = found[0].split(b"-----")[2].decode(errors="replace").replace("\\n", "").replace("\\r", "")
            body = "".join(inside.split())
            if len(body) >= 60 and len(set(body)) >= 20 and "..." not in body and "***" not in body:
                yield Secret("a private key", found.start(), found.end(), SURE_BY_FORM)


def _passwords_in_addresses(data: bytes, _: bytes) -> Iterator[Secret]:
    if b"@" not in data:
        return
    for at in places_of(data, patterns.ADDRESS):
        found = PASSWORD_IN_ADDRESS.match(data, at)
        if found is None:
            continue
        user, password, host = (part.decode(errors="replace") for part in found.groups())
        is_elsewhere = not host.startswith(NOT_ELSEWHERE) and not host.endswith((".example", ".test", ".invalid"))
        is_mixed = is_jumbled(password) or (any(map(str.isdigit, password)) and any(map(str.isalpha, password)))
        if is_elsewhere and is_mixed and password != user and not is_placeholder(password):
            yield Secret("a password in an address", *found.span(2), SURE_BY_FORM)


def _bearers(data: bytes, lowered: bytes) -> Iterator[Secret]:
    for at in places_of(lowered, b"bearer "):
        found = patterns.BEARER.match(data, at)
        if found is not None and len(found[1]) >= 20 and is_random(found[1].decode()):
            yield Secret("a bearer token", *found.span(1), SURE_BY_FORM)


def _members(data: bytes, lowered: bytes) -> Iterator[Secret]:
    """Of records: names in quotes, and their values. Of settings and addresses: a name and what is set, in quotes or not, which has to look
    random, since code sets names to names.
    """
    for at in _last_words(lowered):
        found, is_secret = MEMBER.match(data, at), is_made_up_password
        if found is None:
            found, is_secret = ASSIGNED.match(data, at), _looks_random
        if found is not None and is_secret(found[found.lastindex or 0].decode(errors="replace")):
            yield Secret("a password or key, by its name", *found.span(found.lastindex or 0), SURE_BY_NAME)


def _looks_random(text: str) -> bool:
    return is_random(text) or (is_made_up_password(text) and is_tossed(text))


def _last_words(lowered: bytes) -> Iterator[int]:
    for word in WORDS:
        yield from places_of(lowered, word)
    for word, befores in patterns.COMMON_WORDS.items():
        yield from (at for at in places_of(lowered, word) if lowered.endswith(befores, 0, at))


def _numbers(data: bytes, _: bytes) -> Iterator[Secret]:
    close = data.translate(SHAPES, IN_WORDS)  # short; what stands together in the text does so here
    if LONG_NUMBER in close and LONG_NUMBER in data.translate(SHAPES, BEYOND_IDS):
        yield from _cards(data, data.translate(SHAPES))
    if ACCOUNT_BEGINNING in close:
        yield from _accounts(data, data.translate(SHAPES))


def _cards(data: bytes, shapes: bytes) -> Iterator[Secret]:
    until = 0
    for at in sorted(_places_of_cards(shapes)):
        found = CARD.match(data, at) if at >= until else None
        if found is None:
            continue
        until = found.end()
        is_told = found[2] is not None or ABOUT_CARDS.search(data, max(at - BEFORE_CARD, 0), at)
        if is_told and is_card(found[0].decode().replace(" ", "").replace("-", "")):
            yield Secret("the number of a card", at, until, SURE_OF_A_CARD)


def _accounts(data: bytes, shapes: bytes) -> Iterator[Secret]:
    for at in places_of(shapes, ACCOUNT_BEGINNING):
        iban = IBAN.match(data, at)
        if iban is not None and is_iban(iban[1].decode().replace(" ", "")):
            yield Secret("the number of a bank account", iban.start(), iban.end(), SURE_OF_AN_ACCOUNT)


def _places_of_cards(shapes: bytes) -> Iterator[int]:
    """Where a long run of digits begins, and where digits stand in the groups of a card."""
    at = shapes.find(LONG_NUMBER)
    while at >= 0:
        yield at
        end = NOT_A_DIGIT.search(shapes, at)
        at = shapes.find(LONG_NUMBER, end.start()) if end is not None else -1
    for grouped in GROUPED_CARDS:
        yield from places_of(shapes, grouped)


Search = Callable[[bytes, bytes], Iterator[Secret]]
SEARCHES: tuple[Search, ...] = (_tokens, _private_keys, _passwords_in_addresses, _bearers, _members, _numbers)
