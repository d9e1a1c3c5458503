"""Secrets of every kind, made up, and what looks like one and is none. No line of this file holds a whole one, or scanners would find them."""

from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

LETTERS = "aZ4kP9xQ7mB2vN8cR5tY1wL6sD3fG0hJ"
HEX = "0123456789abcdef0123456789abcdef"
CAPITALS = "QWERTYUIOPASDFGH"


def token(beginning: str, rest: str = LETTERS) -> str:
    return beginning + rest


TOKENS = {
    "OpenAI": token("sk-proj-"),
    "Anthropic": token("sk-ant-api03-"),
    "GitHub": token("ghp_"),
    "GitHub, fine-grained": token("github_pat_"),
    "GitLab": token("glpat-"),
    "Slack": token("xoxb-", "1234567890-abcdefghijkl"),
    "AWS": token("AKIA", CAPITALS),
    "Google": token("AIza", LETTERS + "abc"),
    "Stripe": token("sk_live_"),
    "Hugging Face": token("hf_"),
    "npm": token("npm_"),
    "PyPI": token("pypi-"),
    "SendGrid": token("SG.", f"{LETTERS}.{LETTERS}"),
    "Vault": token("hvs."),
    "LangSmith": token("lsv2_pt_"),
    "Databricks": token("dapi", HEX),
    "a JSON Web Token": ".".join((token("eyJ"), token("eyJ"), LETTERS)),
}

# Text, and what of it is the secret.
IN_TEXT = {
    "a bearer": (f"Authorization: Bearer {LETTERS}", LETTERS),
    "a bearer without its header": (f"called with bearer {LETTERS}", LETTERS),
    "basic": (f"authorization: Basic {LETTERS}==", LETTERS),
    "a password in an address": ("postgresql://user:hunter2@host:5432/db", "hunter2"),
    "a password without a user": ("redis://:hunter2@cache", "hunter2"),
    "a signature in an address": (f"https://host/blob?sv=1&sig={LETTERS}%3D", LETTERS),
    "JSON": ('{"user": "bob", "password": "correct horse"}', "correct horse"),
    "JSON in JSON": (r'{"body": "{\"api_key\": \"hunter2\"}"}', "hunter2"),
    "Python": ("{'client_secret': 'hunter2'}", "hunter2"),
    "a shell": ("export OPENAI_API_KEY=hunter2hunter2", "hunter2hunter2"),
    "a form": ("grant=x&access_token=hunter2hunter2&y=1", "hunter2hunter2"),
    "a cookie": ("Cookie: session=hunter2hunter2; theme=dark", "hunter2hunter2"),
    "a key after an escape": ("the key:\\n" + token("sk-"), token("sk-")),
    "what was cut off": ('{"password": "hunter2 and', "hunter2 and"),
    "a private key": (f"-----BEGIN RSA PRIVATE {'KEY'}-----\n{LETTERS}\n-----END RSA PRIVATE {'KEY'}-----", LETTERS),
    "a private key that was cut off": (f"-----BEGIN PRIVATE {'KEY'}-----\\n{LETTERS}", LETTERS),
}

NO_SECRETS = {
    "a commit": "3f786850e387550fdab836ed7e6dc881de23001b",
    "a UUID": "123e4567-e89b-12d3-a456-426614174000",
    "an image": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "counts of tokens": '{"input_tokens": 123456, "output_tokens": 7890, "max_tokens": 4096, "total_tokens": 131346}',
    "a schema": '{"password": {"type": "string"}, "api_key": "string"}',
    "code": "password = get_password(user); token = next(tokens)",
    "a placeholder": '{"api_key": "${API_KEY}", "password": "<your password>"}',
    "words with a dash": "a risk-assessment-of-everything-there-is and a task-oriented-conversational-agent",
    "talk": "The secret of a good cookie: butter. Reset your password by email; basic authorization is optional.",
    "an address": "https://example.com:8080/a/b?page=2&q=token#key=1",
    "a time in an address": "see http://host/12:30@noon",
    "a call id": "call_aZ4kP9xQ7mB2vN8cR5tY1wL6",
    "base64 of JSON": "eyJrZXkiOiAidmFsdWUiLCAibnVtYmVyIjogMTIzfQ==",
}


def everywhere(text: str) -> ExportTraceServiceRequest:
    """A request with that text wherever a request has text, but for names of attributes."""
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    add_pair(resource_spans.resource, text)
    scope_spans = resource_spans.scope_spans.add()
    add_pair(scope_spans.scope, text)
    span = scope_spans.spans.add(
        trace_id=b"t" * 16, span_id=b"s" * 8, name=text, start_time_unix_nano=1, end_time_unix_nano=2
    )
    span.status.message = text
    add_pair(span, text)
    span.attributes.add(key="list").value.array_value.values.add(string_value=text)
    span.attributes.add(key="map").value.kvlist_value.values.add(key="inner").value.string_value = text
    span.attributes.add(key="data").value.bytes_value = text.encode()
    event = span.events.add(name=text, time_unix_nano=1)
    add_pair(event, text, "exception.message")
    link = span.links.add(trace_id=b"t" * 16, span_id=b"s" * 8)
    add_pair(link, text)
    return request


def add_pair(holder: Any, text: str, key: str = "note") -> None:
    holder.attributes.add(key=key).value.string_value = text
