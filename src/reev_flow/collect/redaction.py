"""Secrets are taken out of spans before anything is written down."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from reev_flow.trace.secret_search import Place, is_sensitive, may_hold_secrets, places_of_secrets
from reev_flow.trace.span import Attributes, ModelUse, Source, Span, SpanEvent, SpanLink, Value

Hook = Callable[[str, str], str]
STAR = b"*"
MOST_PASSES = 3  # a token may only be seen to stand alone once its neighbour is masked


class Redaction(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as a secret. It is replaced by as many stars as it has bytes.

    `patterns` are regular expressions of yours beside the built-in ones: what their last group holds is masked, or all of it when there is
    none. `hook` is given the name of each attribute ("" for names and messages of spans) and its text when everything else was masked, and
    returns the text that is kept.
    """

    is_on: bool = True
    patterns: tuple[str, ...] = ()
    hook: Hook | None = None

    def may_concern(self, data: bytes) -> bool:
        """Of OTLP in protobuf, as it came: whether anything in it may have to be masked. Much quicker than masking."""
        return self.is_on and (self._is_extended or may_hold_secrets(data))

    @property
    def _is_extended(self) -> bool:
        return bool(self.patterns) or self.hook is not None

    def mask(self, text: bytes) -> bytes:
        """Of one text in UTF-8, of the same length."""
        if not self.is_on:
            return text
        for _ in range(MOST_PASSES):
            places = self._places(text)
            if not places:
                break
            text = _starred(text, places)
        return text

    def _places(self, text: bytes) -> list[Place]:
        places = places_of_secrets(text)
        for pattern in _compiled(self.patterns):
            places += (found.span(found.lastindex or 0) for found in pattern.finditer(text))
        return places

    def text(self, name: str, content: str) -> str:
        """Of the attribute of that name, "" for a text that is none's."""
        if not self.is_on or not content:
            return content
        data = content.encode(errors="surrogatepass")
        masked = STAR * len(data) if is_sensitive(name) else self.mask(data)
        if masked != data:
            content = masked.decode(errors="surrogatepass")
        return content if self.hook is None else self.hook(name, content)

    def message(self, request: Any) -> None:
        """Of a parsed OTLP request for traces, in place: every text in it."""
        if not self.is_on:
            return
        for resource_spans in request.resource_spans:
            self.pairs(resource_spans.resource.attributes)
            for scope_spans in resource_spans.scope_spans:
                self.pairs(scope_spans.scope.attributes)
                for span in scope_spans.spans:
                    if self.may_concern(span.SerializeToString()):
                        self._span_message(span)

    def _span_message(self, span: Any) -> None:
        span.name = self.text("", span.name)
        span.trace_state = self.text("", span.trace_state)
        if span.status.message:
            span.status.message = self.text("", span.status.message)
        self.pairs(span.attributes)
        for event in span.events:
            event.name = self.text("", event.name)
            self.pairs(event.attributes)
        for link in span.links:
            link.trace_state = self.text("", link.trace_state)
            self.pairs(link.attributes)

    def pairs(self, pairs: Any) -> None:
        """Of attributes as protobuf has them, in place."""
        for pair in pairs:
            self.any_value(pair.key, pair.value)

    def any_value(self, name: str, value: Any) -> None:
        """Nesting is bounded by the protobuf parser, which refuses messages deeper than 100."""
        kind = value.WhichOneof("value")
        if kind == "array_value":
            for item in value.array_value.values:
                self.any_value(name, item)
        elif kind == "kvlist_value":
            for pair in value.kvlist_value.values:
                self.any_value(name if is_sensitive(name) else pair.key, pair.value)
        elif kind is not None:
            self._plain_value(name, value, kind)

    def _plain_value(self, name: str, message: Any, kind: str) -> None:
        value = getattr(message, kind)
        masked = self.value(name, value)
        if masked is None:
            message.ClearField(kind)
        elif masked != value:
            setattr(message, kind, masked)

    def _bytes(self, name: str, data: bytes) -> bytes:
        return STAR * len(data) if self.is_on and is_sensitive(name) else self.mask(data)

    def span(self, span: Span) -> Span:
        """As it is when there is nothing to mask, which is the same object then."""
        if not self.is_on or not (self._is_extended or _is_suspect(span)):
            return span
        changed = {
            "name": self.text("", span.name),
            "status_message": self.text("", span.status_message),
            "source": self._source(span.source),
            "attributes": self.attributes(span.attributes),
            "events": tuple(self._event(event) for event in span.events),
            "links": tuple(self._link(link) for link in span.links),
            "input": self.value("", span.input),
            "output": self.value("", span.output),
            "model": span.model and self._model(span.model),
        }
        return replace(span, **changed)

    def _source(self, source: Source) -> Source:
        """The same object when there is nothing to mask: spans of one source share it."""
        masked = replace(
            source,
            service=self.text("", source.service),
            scope=self.text("", source.scope),
            resource=self.attributes(source.resource),
        )
        return source if masked == source else masked

    def _model(self, model: ModelUse) -> ModelUse:
        asked = tuple(replace(request, arguments=self.value("", request.arguments)) for request in model.asked)
        return replace(model, answer=self.text("", model.answer or "") or model.answer, asked=asked)

    def _event(self, event: SpanEvent) -> SpanEvent:
        return replace(event, name=self.text("", event.name), attributes=self.attributes(event.attributes))

    def _link(self, link: SpanLink) -> SpanLink:
        return replace(link, attributes=self.attributes(link.attributes))

    def attributes(self, attributes: Mapping[str, Value]) -> Attributes:
        return {name: self.value(name, value) for name, value in attributes.items()}

    def value(self, name: str, value: Value) -> Value:
        """Of the attribute of that name. Nesting is bounded by whoever decoded it."""
        if isinstance(value, str):
            return self.text(name, value)
        if isinstance(value, bytes):
            return self._bytes(name, value)
        if isinstance(value, list):
            return [self.value(name, item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(name if is_sensitive(name) else key, item) for key, item in value.items()}
        return None if is_sensitive(name) and self.is_on else value


BUILT_IN = Redaction()
"""With the built-in patterns only."""


def _is_suspect(span: Span) -> bool:
    """Looks at all of it at once, as bytes in which texts lie between other bytes as they do in a request."""
    try:
        return may_hold_secrets(msgspec.msgpack.encode(span))
    except (UnicodeEncodeError, OverflowError, RecursionError):  # half of a surrogate pair, a number no sender sends
        return True


@lru_cache(maxsize=8)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[bytes], ...]:
    return tuple(re.compile(pattern.encode()) for pattern in patterns)


def _starred(text: bytes, places: list[Place]) -> bytes:
    masked = bytearray(text)
    for start, end in places:
        masked[start:end] = STAR * (end - start)
    return bytes(masked)
