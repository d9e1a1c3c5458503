"""Secrets are taken out of spans before anything is written down."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from reev_flow.collect.redaction_patterns import SECRETS, is_sensitive
from reev_flow.trace.span import Attributes, Span, SpanEvent, SpanLink, Value

Hook = Callable[[str, str], str]
STAR = b"*"


class Redaction(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as a secret. A secret is replaced by as many stars, so that no length changes.

    `patterns` are regular expressions of yours beside the built-in ones: their first group is masked, all of it when there is none. `hook` is
    given the key of an attribute ("" for names and messages) and its text, and returns the text that is kept.
    """

    is_on: bool = True
    patterns: tuple[str, ...] = ()
    hook: Hook | None = None

    def mask(self, data: bytes) -> bytes:
        """Of one text in UTF-8, or of JSON. Of the same length."""
        if not self.is_on:
            return data
        for pattern in _compiled(self.patterns):
            data = pattern.sub(_starred, data)
        return data

    def text(self, key: str, content: str) -> str:
        """Of the attribute of that name, "" for a text that is none's."""
        if not self.is_on:
            return content
        if is_sensitive(key):
            return "*" * len(content)
        try:
            masked = self.mask(content.encode()).decode()
        except UnicodeEncodeError:  # half of a surrogate pair
            masked = self.mask(content.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
        return masked if self.hook is None else self.hook(key, masked)

    def message(self, request: Any) -> None:
        """Of a parsed OTLP request for traces, in place: every text in it."""
        if not self.is_on:
            return
        for resource_spans in request.resource_spans:
            self._pairs(resource_spans.resource.attributes)
            for scope_spans in resource_spans.scope_spans:
                self._pairs(scope_spans.scope.attributes)
                for span in scope_spans.spans:
                    self._span_message(span)

    def _span_message(self, span: Any) -> None:
        span.name = self.text("", span.name)
        if span.HasField("status"):
            span.status.message = self.text("", span.status.message)
        self._pairs(span.attributes)
        for event in span.events:
            event.name = self.text("", event.name)
            self._pairs(event.attributes)
        for link in span.links:
            self._pairs(link.attributes)

    def _pairs(self, pairs: Any) -> None:
        for pair in pairs:
            self._any(pair.key, pair.value)

    def _any(self, key: str, value: Any) -> None:
        """Nesting is bounded by the protobuf parser, which refuses messages deeper than 100."""
        kind = value.WhichOneof("value")
        if kind == "string_value":
            masked = self.text(key, value.string_value)
            if masked != value.string_value:
                value.string_value = masked
        elif kind == "bytes_value":
            value.bytes_value = self.mask(value.bytes_value)
        elif kind == "array_value":
            for item in value.array_value.values:
                self._any(key, item)
        elif kind == "kvlist_value":
            for pair in value.kvlist_value.values:
                self._any(key if is_sensitive(key) else pair.key, pair.value)

    def span(self, span: Span) -> Span:
        if not self.is_on:
            return span
        return replace(
            span,
            name=self.text("", span.name),
            status_message=self.text("", span.status_message),
            source=replace(span.source, resource=self.attributes(span.source.resource)),
            attributes=self.attributes(span.attributes),
            events=tuple(self._event(event) for event in span.events),
            links=tuple(self._link(link) for link in span.links),
            input=self.value("", span.input),
            output=self.value("", span.output),
        )

    def _event(self, event: SpanEvent) -> SpanEvent:
        return replace(event, name=self.text("", event.name), attributes=self.attributes(event.attributes))

    def _link(self, link: SpanLink) -> SpanLink:
        return replace(link, attributes=self.attributes(link.attributes))

    def attributes(self, attributes: Mapping[str, Value]) -> Attributes:
        return {key: self.value(key, value) for key, value in attributes.items()}

    def value(self, key: str, value: Value) -> Value:
        """Of the attribute of that name. Nesting is bounded by whoever decoded it."""
        if isinstance(value, str):
            return self.text(key, value)
        if isinstance(value, bytes):
            return self.mask(value)
        if isinstance(value, list):
            return [self.value(key, item) for item in value]
        if isinstance(value, dict):
            return {name: self.value(key if is_sensitive(key) else name, item) for name, item in value.items()}
        return value


BUILT_IN = Redaction()
"""With the built-in patterns only."""


@lru_cache(maxsize=8)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[bytes], ...]:
    return (SECRETS, *(re.compile(pattern.encode()) for pattern in patterns))


def _starred(found: re.Match[bytes]) -> bytes:
    """The first group that took part, all of it when none did."""
    group = found.lastindex or 0
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    whole = found[0]
    return whole[:start] + STAR * (end - start) + whole[end:]
