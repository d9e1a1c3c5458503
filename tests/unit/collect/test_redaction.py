"""What is taken for a secret, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reev_flow.collect.redaction import BUILT_IN, Redaction
from reev_flow.trace.secret_patterns import SENSITIVE_ENDINGS
from reev_flow.trace.secret_search import is_sensitive, may_hold_secrets
from reev_flow.trace.span import Attributes, ModelUse, Source, Span, SpanEvent, SpanLink, ToolRequest
from support.secrets import IN_TEXT, LETTERS, NO_SECRETS, TOKENS, everywhere

AROUND = st.text(max_size=40) | st.sampled_from(["key=", '"', "\\n", "%20", "(", "x: "])
SECRETS = st.sampled_from([*TOKENS.values(), *(text for text, _ in IN_TEXT.values())])
ANY_TEXT = st.lists(
    SECRETS | AROUND | st.sampled_from(["password", "token", "://", "Bearer ", "sk-", "=", ":", "@"])
).map("".join)


@pytest.mark.parametrize("secret", TOKENS.values(), ids=TOKENS.keys())
@pytest.mark.parametrize(
    "around", ["{}", "key: {}", '"{}"', "use {}, please", "({})", "a={}", r"first\n{}\nlast", "%20{}"]
)
def test_a_token_is_masked_wherever_it_stands(secret, around):
    masked = BUILT_IN.text("", around.format(secret))
    assert masked == around.format("*" * len(secret))


@pytest.mark.parametrize(("text", "secret"), IN_TEXT.values(), ids=IN_TEXT.keys())
def test_a_secret_is_known_by_what_stands_before_it(text, secret):
    masked = BUILT_IN.text("", text)
    assert secret not in masked
    assert len(masked) == len(text)


def test_every_secret_of_a_text_is_masked():
    text = "; ".join(text for text, _ in reversed(IN_TEXT.values()))
    masked = BUILT_IN.text("", text)
    assert [secret for _, secret in IN_TEXT.values() if secret in masked] == []


@pytest.mark.parametrize("text", NO_SECRETS.values(), ids=NO_SECRETS.keys())
def test_what_is_no_secret_is_left_alone(text):
    assert BUILT_IN.text("", text) == text


@pytest.mark.parametrize(
    "name",
    [
        "http.request.header.authorization",
        "api_key",
        "x-api-key",
        "db.password",
        "clientSecret",
        "Set-Cookie",
        "aws.session_token",
    ],
)
def test_some_attributes_are_secrets_whatever_they_hold(name):
    assert BUILT_IN.value(name, ["plain", {"inner": "words", "number": 7}]) == [
        "*****",
        {"inner": "*****", "number": None},
    ]


@pytest.mark.parametrize(
    "name", ["gen_ai.usage.input_tokens", "token_count", "secretary", "cookies_eaten", "password_policy", ""]
)
def test_attributes_that_are_only_named_alike_are_not(name):
    assert not is_sensitive(name)


def test_stars_count_bytes_so_that_no_length_changes():
    assert BUILT_IN.text("password", "žluť") == "*" * 6


@given(ANY_TEXT)
def test_masking_never_changes_how_long_a_text_is(text):
    data = text.encode(errors="surrogatepass")
    assert len(BUILT_IN.mask(data)) == len(data)


@given(ANY_TEXT)
def test_what_was_masked_holds_no_more_secrets(text):
    once = BUILT_IN.text("", text)
    assert BUILT_IN.text("", once) == once


@given(ANY_TEXT)
def test_a_request_is_looked_at_whenever_a_text_in_it_would_be_masked(text):
    text = text.encode(errors="replace").decode()
    request = everywhere(text)
    is_masked = BUILT_IN.text("note", text) != text
    assert may_hold_secrets(request.SerializeToString()) or not is_masked


@given(ANY_TEXT)
def test_a_span_is_looked_at_whenever_a_text_in_it_would_be_masked(text):
    span = Span(
        trace_id="t",
        span_id="s",
        start_ns=1,
        end_ns=2,
        attributes={"note": text, "list": [text.encode(errors="replace")]},
    )
    assert BUILT_IN.span(span).attributes == BUILT_IN.attributes(span.attributes)


@given(ANY_TEXT)
def test_masking_a_message_never_breaks_it(text):
    request = everywhere(text.encode(errors="replace").decode())
    before = request.SerializeToString()
    BUILT_IN.message(request)
    after = request.SerializeToString()
    assert len(after) == len(before)
    assert ExportTraceServiceRequest.FromString(after) == request


@pytest.mark.parametrize("secret", TOKENS.values(), ids=TOKENS.keys())
def test_no_part_of_a_message_keeps_a_secret(secret):
    request = everywhere(f"here: {secret}")
    BUILT_IN.message(request)
    assert secret.encode() not in request.SerializeToString()


def test_a_request_is_looked_at_when_an_attribute_is_named_like_a_secret():
    for ending in SENSITIVE_ENDINGS:
        request = everywhere("nothing")
        request.resource_spans[0].scope_spans[0].spans[0].attributes.add(
            key=f"my.{ending}"
        ).value.string_value = "plain"
        assert may_hold_secrets(request.SerializeToString()), ending


def test_a_span_is_looked_at_when_an_attribute_is_named_like_a_secret():
    for ending in SENSITIVE_ENDINGS:
        span = Span(trace_id="t", span_id="s", start_ns=1, end_ns=2, attributes={f"my.{ending}": "plain"})
        assert BUILT_IN.span(span).attributes == {f"my.{ending}": "*****"}, ending


def test_a_number_under_such_a_name_is_left_out():
    request = everywhere("nothing")
    request.resource_spans[0].scope_spans[0].spans[0].attributes.add(key="password").value.int_value = 1234
    BUILT_IN.message(request)
    assert not request.resource_spans[0].scope_spans[0].spans[0].attributes[-1].value.HasField("int_value")


def test_a_span_is_masked_in_every_part():
    secret = TOKENS["OpenAI"]
    noted: Attributes = {"note": secret}
    span = Span(
        trace_id="t",
        span_id="s",
        start_ns=1,
        end_ns=2,
        name=secret,
        status_message=secret,
        source=Source(service=secret, resource=noted),
        attributes=noted,
        events=(SpanEvent(time_ns=1, name=secret, attributes=noted),),
        links=(SpanLink(trace_id="t", span_id="s", attributes=noted),),
        input=[secret],
        output={"answer": secret},
        model=ModelUse(answer=secret, asked=(ToolRequest(name="ask", arguments={"q": secret}),)),
    )
    assert secret not in repr(BUILT_IN.span(span))


def test_spans_of_one_clean_source_still_share_it():
    span = Span(trace_id="t", span_id="s", start_ns=1, end_ns=2, source=Source(resource={"service.name": "shop"}))
    assert BUILT_IN.span(span).source is span.source


def test_people_can_add_patterns_of_their_own():
    redaction = Redaction(patterns=(r"employee (\d+)", "ACME-[a-z]+"))
    assert redaction.text("", "employee 1234 of ACME-secret") == "employee **** of ***********"


def test_their_patterns_are_looked_for_in_requests():
    request = everywhere("employee 1234")
    assert Redaction(patterns=(r"employee (\d+)",)).may_concern(request.SerializeToString())


def test_people_can_have_the_last_word():
    redaction = Redaction(hook=lambda name, text: "gone" if name == "note" else text.upper())
    request = everywhere(LETTERS)
    redaction.message(request)
    span = request.resource_spans[0].scope_spans[0].spans[0]
    assert (span.name, span.attributes[0].value.string_value) == (LETTERS.upper(), "gone")


def test_it_can_be_switched_off():
    off = Redaction(is_on=False)
    secret = TOKENS["GitHub"]
    request = everywhere(secret)
    off.message(request)
    assert request == everywhere(secret)
    assert (off.text("password", secret), off.mask(secret.encode()), off.may_concern(secret.encode())) == (
        secret,
        secret.encode(),
        False,
    )


@pytest.mark.parametrize(
    "piece",
    [
        "://",
        "://?key=",
        f"-----BEGIN PRIVATE {'KEY'}-----",
        'password="',
        "password=\\",
        "token: ",
        "sk-",
        "eyJ",
        "a" * 19 + " ",
        "bearer 1",
    ],
)
def test_long_hostile_texts_are_read_in_time(piece):
    text = piece * (300_000 // len(piece))
    assert len(BUILT_IN.text("", text)) == len(text)


def test_half_of_a_surrogate_pair_is_no_obstacle():
    assert BUILT_IN.text("", "\ud800 " + TOKENS["npm"]) == "\ud800 " + "*" * len(TOKENS["npm"])
