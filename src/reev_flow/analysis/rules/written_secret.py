"""RF404: a secret, or the number of a card or an account, is written down in the trace."""

from collections.abc import Iterable, Iterator

import msgspec

from reev_flow.analysis.evidence.new_texts import pieces_of_news
from reev_flow.analysis.evidence.recorded_texts import Recorded, RecordedTexts, names_by_text
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning.secrets_in_text import SURE_BY_NAME, Secret, secrets_in
from reev_flow.analysis.meaning.stand_in_texts import is_made_up_password
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.secret_search import is_sensitive
from reev_flow.trace.trace import Trace

OF_NO_CONSEQUENCE = (
    "cookie",
    "cookies",
    "csrf-token",
    "csrf_token",
    "csrftoken",
    "xsrf-token",
    "xsrf_token",
    "xsrftoken",
)
SCHEMES = ("bearer ", "basic ", "token ")

ADVICE = "make it invalid, and keep it out of what is recorded: hand tools a reference to it, or mask it where spans are made"


class Found(msgspec.Struct):
    """One secret, whatever it is, and where it stands."""

    secret: Secret
    first: Recorded
    positions: set[int]


def look_for_written_secrets(facts: RunFacts) -> Iterator[Observation]:
    """One observation a secret, which is not told, however many spans repeat it. Silent about examples, placeholders, what was masked,
    ids, digests, and keys made to be published or for tests.
    """
    if not _may_be_there(facts.trace):
        return
    texts = RecordedTexts(facts.trace)
    found: dict[bytes, Found] = {}
    for secret, content, recorded in _all(texts):
        known = found.setdefault(content, Found(secret, recorded, set()))
        known.positions.update(recorded.positions)
    for one in found.values():
        yield _observe(one, facts)


def _may_be_there(trace: Trace) -> bool:
    """Almost always not, and then nobody needs to know which span holds what."""
    names = names_by_text(trace)
    return any(map(_has_consequence, {*names.values()})) or any(
        True for piece in pieces_of_news(names) for _ in secrets_in(piece)
    )


def _all(texts: RecordedTexts) -> Iterator[tuple[Secret, bytes, Recorded]]:
    until = 0
    for secret in _outermost_first(secrets_in(texts.data)):
        if secret.start >= until:
            until = secret.end
            yield secret, texts.data[secret.start : secret.end], texts.at(secret.start)
    for recorded in texts.recorded:
        if _is_secret_by_name(recorded):
            kind = "a password or key, by its name"
            yield Secret(kind, 0, len(recorded.data), SURE_BY_NAME), _bare(recorded).encode(), recorded


def _outermost_first(secrets: Iterable[Secret]) -> list[Secret]:
    """By place, and of those that begin at one, the surest first."""
    return sorted(secrets, key=lambda secret: (secret.start, -secret.confidence, -secret.end))


def _is_secret_by_name(recorded: Recorded) -> bool:
    return _has_consequence(recorded.name) and is_made_up_password(_bare(recorded))


def _has_consequence(name: str) -> bool:
    return is_sensitive(name) and not name.lower().endswith(OF_NO_CONSEQUENCE)


def _bare(recorded: Recorded) -> str:
    """Without the scheme of an authorization."""
    text = recorded.data.decode(errors="replace")
    scheme = next((scheme for scheme in SCHEMES if text.lower().startswith(scheme)), "")
    return text[len(scheme) :].strip()


def _observe(found: Found, facts: RunFacts) -> Observation:
    spans = [facts.trace.spans[position] for position in sorted(found.positions)]
    others = f" and of {len(spans) - 1} more span{'' if len(spans) == 2 else 's'}" if len(spans) > 1 else ""
    return Observation(
        message=f"{found.secret.kind} is written down in {found.first.name} of {spans[0].label}{others}",
        advice=ADVICE,
        evidence=tuple(span.span_id for span in spans),
        confidence=found.secret.confidence,
    )
