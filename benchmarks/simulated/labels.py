"""What is true of a simulated run, by the meaning of the codes and not by any rule."""

import msgspec

CODES = {
    "RF101": "repeated-call",
    "RF102": "retry-storm",
    "RF103": "loop-without-news",
    "RF104": "one-by-one",
    "RF105": "needless-sequence",
    "RF106": "critical-owner",
    "RF107": "idle-gap",
    "RF108": "slow-outlier",
    "RF201": "swallowed-error",
    "RF202": "soft-error",
    "RF203": "rate-limited",
    "RF204": "access-refused",
    "RF205": "not-found",
    "RF206": "service-error",
    "RF207": "timeout",
    "RF208": "invalid-call",
    "RF209": "same-root-error",
    "RF210": "no-answer",
    "RF301": "growing-context",
    "RF302": "cut-output",
    "RF303": "uncached-input",
    "RF304": "thrown-away-branch",
    "RF305": "cost-concentrated",
    "RF401": "effect-twice",
    "RF402": "step-in-doubt",
    "RF404": "secret-in-attributes",
}


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """That a run has what a code means, at these spans; without spans, anywhere in the run. `because` is the behaviour that made it so."""

    code: str
    spans: tuple[str, ...] = ()
    because: str = ""


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """`expected` must be found. `debatable` may be found or not and counts neither way. Everything else is a false finding."""

    expected: tuple[Claim, ...] = ()
    debatable: tuple[Claim, ...] = ()
