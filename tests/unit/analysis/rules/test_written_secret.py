"""RF404: a secret, or the number of a card or an account, is written down in the trace."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.analysis.meaning.account_numbers import is_card, is_iban
from reev_flow.trace.span import Source, SpanEvent, Value
from reev_flow.trace.trace import Trace
from support.draw import draw
from support.findings import found
from support.redraw import redraw
from support.secrets import NO_SECRETS, token

RUN = """
    agent:planner       ######
      tool:search       ##
"""
MIXED = "aZ4kP9xQ7mB2vN8cR5tY1wL6sD3fG0hJ"  # no line holds a whole secret, or scanners would find it
HEAD, CLAIMS = "eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJhOTQifQ"

SECRETS = {
    "OpenAI": token("sk-proj-", MIXED),
    "Anthropic": token("sk-ant-api03-", MIXED),
    "GitHub": token("ghp_", MIXED),
    "AWS": token("AKIA", "Q3ERTY7UIOPASDFG"),
    "Stripe": token("sk_live_", MIXED),
    "Slack": token("xoxb-", "174629583046-k3LmPq8RtVwX"),
    "a web token": f"{HEAD}.{CLAIMS}.{MIXED}",
    "a private key": f"-----BEGIN RSA PRIVATE {'KEY'}-----\n{MIXED}\n{MIXED[::-1]}\n-----END RSA PRIVATE {'KEY'}-----",
    "a password in an address": f"postgres://app:{MIXED[:9]}@db.internal:5432/orders",
    "a bearer": f"Authorization: Bearer {MIXED}",
    "a member of a record": f'{{"user": "ann", "password": "{MIXED[:12]}"}}',
    "a member of a record in a record": f'{{"body": "{{\\"api_key\\": \\"{MIXED[:12]}\\"}}"}}',
    "a file of settings": f"PORT=8080\nOPENAI_API_KEY={MIXED}\nDEBUG=1",
    "YAML": f"db:\n  user: app\n  password: {MIXED[:14]}\n",
    "settings in quotes": f"export DB_PASSWORD='{MIXED[:14]}'",
    "a call in code": f'connect("db", password="{MIXED[:14]}")',
    "a password with marks": f"using password={MIXED[:3]}!{MIXED[4:7]}#{MIXED[8:11]} for the database",
    "an address": f"https://maps.example.org/route?api_key={MIXED}&to=Porto",
    "Python": f"{{'client_secret': '{MIXED[:16]}'}}",
    "a card, in groups": "paid with 4539 1488 0343 6467",
    "a card, by what is said of it": '{"card_number": "4539148803436467"}',
    "an account": "send it to DE27 1007 7777 0209 2997 00",
}


def with_text(text: Value, name: str = "app.note") -> Trace:
    return redraw(draw(RUN), "search", attributes={name: text})


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_a_secret_in_an_attribute_is_found_once(secret: str):
    (finding,) = found("RF404", with_text(secret))
    assert finding.evidence == ("0000000000000002",)


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_no_part_of_a_secret_is_told(secret: str):
    (finding,) = found("RF404", with_text(secret))
    assert not any(part in finding.message + finding.advice for part in (MIXED[:8], "4539", "DE27", HEAD[:8]))


def test_what_it_is_and_where_is_told():
    (finding,) = found("RF404", with_text(SECRETS["GitHub"], "http.request.body"))
    assert finding.message == "a GitHub token is written down in http.request.body of search"


def test_one_secret_on_many_spans_is_one_finding():
    trace = draw(RUN)
    trace = redraw(trace, "search", attributes={"a": f"use {SECRETS['GitHub']}"})
    trace = redraw(trace, "planner", attributes={"b": f"it said: {SECRETS['GitHub']}"})
    (finding,) = found("RF404", trace)
    assert len(finding.evidence) == 2


PLACES = {
    "the status": {"status_message": SECRETS["GitHub"]},
    "an event": {"events": (SpanEvent(time_ns=1, name="e", attributes={"exception.message": SECRETS["GitHub"]}),)},
    "the resource": {"source": Source(service="shop", resource={"process.command_line": SECRETS["GitHub"]})},
    "what was asked": {"input": {"query": ["x", {"deep": SECRETS["GitHub"]}]}},
    "what came back": {"output": SECRETS["GitHub"]},
    "a list": {"attributes": {"headers": ["accept: x", SECRETS["GitHub"]]}},
    "bytes": {"attributes": {"body": SECRETS["GitHub"].encode()}},
}


@pytest.mark.parametrize("changes", PLACES.values(), ids=PLACES.keys())
def test_it_is_found_in(changes: dict[str, object]):
    assert len(found("RF404", redraw(draw(RUN), "search", **changes))) == 1


@pytest.mark.parametrize("name", ["db.password", "http.request.header.authorization", "client_secret", "X-API-Key"])
def test_a_name_can_say_that_its_value_is_a_secret(name: str):
    assert len(found("RF404", with_text(MIXED[:14], name))) == 1


SILENT = NO_SECRETS | {
    "a key of the manual": token("AKIA", "IOSFODNN7EXAMPLE"),
    "a key for tests": token("sk_test_", MIXED),
    "a key made to be published": token("pk_live_", MIXED),
    "a placeholder of a key": token("sk-proj-", "your-api-key-here-1234"),
    "one letter over and over": token("sk-", "x" * 40),
    "the web token of the manual": f"{HEAD}.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ.{MIXED}",
    "a web token that nobody signed": f"{HEAD}.{CLAIMS}.",
    "a masked key": "sk-proj-" + "*" * 32,
    "a private key that was left out": f"-----BEGIN PRIVATE {'KEY'}-----\n...\n-----END PRIVATE {'KEY'}-----",
    "a database of one's own": f"postgres://app:{MIXED[:9]}@localhost:5432/orders",
    "a password that is none": "postgres://postgres:postgres@db.internal/orders",
    "a password of a manual": '{"user": "ann", "password": "changeme123"}',
    "the name of a variable": '{"api_key": "OPENAI_API_KEY_2"}',
    "where a secret is kept": '{"secret": "arn:aws:secretsmanager:eu-1:12:x9Y"}',
    "a page": '{"next_page_token": "aZ4kP9xQ7mB2vN8c", "pageToken": "aZ4kP9xQ7mB2vN8c"}',
    "code that sets a key to a name": "client = Client(api_key=settings.key_v2_for_eu1, password=load_password1(db))",
    "code that sets a key to a name in quotes": "Client(api_key='settings_key_v2', password=\"ask-the-vault\", secret='Page1#Section')",
    "code that reckons with a name": "password=Config1!=former and secret_key=User1@host",
    "a key that is asked for": "set api_key: see page 12, or access_token=$TOKEN_2",
    "a placeholder in settings": "OPENAI_API_KEY=your-key-here-123456",
    "a page in an address": "https://shop.example.org/list?page_token=aZ4kP9xQ7mB2vN8c",
    "a count of tokens": "max_tokens=4096 total_tokens: 1234567890ab",
    "a card of the manual": "pay with 4242 4242 4242 4242 or 4111-1111-1111-1111",
    "digits of which nothing is said": "request 4539148803436467 took 3 ms",
    "digits with wrong check digits": "card 4539 1488 0343 6468",
    "a decimal number": "score 0.4539148803436467 of card",
    "an account of the manual": "DE89 3704 0044 0532 0130 00",
    "an account with wrong check digits": "DE28 1007 7777 0209 2997 00",
    "a digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "an e-mail address and a telephone number": "ann@shop.example.org, +49 30 901820",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_about(text: str):
    assert found("RF404", with_text(text)) == []


@pytest.mark.parametrize(
    "value",
    ["db-password-v2", "2024-01-01T00:00:00Z", "****************", "{{ password }}", "none", "4539148803436467"],
)
def test_a_value_that_stands_for_a_secret_is_none_whatever_its_name(value: str):
    assert found("RF404", with_text(value, "db.password")) == []


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str):
    found("RF404", with_text(text))


def test_a_long_text_of_beginnings_is_looked_at_in_one_go():
    """Would take hours if anything were looked at again from every beginning."""
    text = (
        f"-----BEGIN PRIVATE {'KEY'}-----" * 5_000
        + "sk-"
        + "://a:" * 50_000
        + "eyJ" * 100_000
        + '"password": "' * 50_000
    )
    assert found("RF404", with_text(text)) == []


def _with_check_digit(digits: str) -> str:
    return next(digits + str(last) for last in range(10) if _luhn_holds(digits + str(last)))


def _luhn_holds(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value // 10 + value % 10
    return total % 10 == 0


@given(st.integers(min_value=10**10, max_value=10**11 - 1))
def test_one_last_digit_of_ten_makes_a_card(account: int):
    beginning = f"4539{account}"
    right = [last for last in range(10) if is_card(f"{beginning}{last}")]
    assert right in ([], [int(_with_check_digit(beginning)[-1])])


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_one_pair_of_check_digits_makes_an_account(account: int):
    number = f"{account:018}"
    rest = 98 - int(f"{number}131400") % 97
    right = {pair for pair in range(2, 99) if is_iban(f"DE{pair:02}{number}")}
    assert right <= {rest}


def test_tokens_given_out_at_random_are_nearly_always_found():
    dice = random.Random(5)
    letters = string.ascii_letters + string.digits
    made = [token("ghp_", "".join(dice.choices(letters, k=36))) for _ in range(200)]
    assert sum(bool(found("RF404", with_text(text))) for text in made) >= 195


def test_a_secret_in_the_middle_of_a_history_that_grows_is_found_in_every_span_that_repeats_it():
    picture = """
        agent:planner   ############
          tool:search   ##
          tool:reserve     ##
          tool:pay            ##
    """
    said = "The traveller asked for a window seat. " * 100
    history = (said, said + SECRETS["GitHub"] + said, said + SECRETS["GitHub"] + said + said)
    trace = draw(picture)
    for label, text in zip(("search", "reserve", "pay"), history, strict=True):
        trace = redraw(trace, label, attributes={"app.history": text})
    (finding,) = found("RF404", trace)
    assert len(finding.evidence) == 2
