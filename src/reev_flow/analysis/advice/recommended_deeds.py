"""What to do about each finding, and what it is good for, in words that name where."""

from typing import NamedTuple


class Deed(NamedTuple):
    """`what` names where with `{where}`; `gain` is told when nothing can be counted that it saves."""

    what: str
    gain: str = ""


FAILS_NO_MORE = "it need not fail for that reason again"

DEEDS = {
    "RF101": Deed("keep what {where} told the first time and hand it on", "nothing is asked twice"),
    "RF102": Deed(
        "wait longer before each further go at {where}, and give up after a few", "what is down gets time to recover"
    ),
    "RF103": Deed("stop going round {where} once a round brings nothing new", "the run ends sooner"),
    "RF104": Deed("ask {where} for all at once", "it takes one round instead of many"),
    "RF105": Deed("run {where} side by side", "they take no longer than the longest"),
    "RF106": Deed("make {where} faster before anything else", "the run waits for little else"),
    "RF107": Deed(
        "find out what {where} waits for while nothing is traced, and take it off the path", "the run stands still less"
    ),
    "RF108": Deed(
        "find out what held up one call of {where}, or cut it off by a time limit", "it takes its usual time"
    ),
    "RF201": Deed(
        "let a failure of {where} be known, in the run's status or in its answer", "nobody takes it for a success"
    ),
    "RF202": Deed("let {where} fail where it fails, instead of returning an error as a result", "the run can react"),
    "RF203": Deed("send fewer requests to {where} at once, and wait as long as it asks", FAILS_NO_MORE),
    "RF204": Deed("renew or correct the credentials for {where}", FAILS_NO_MORE),
    "RF205": Deed("check what {where} is asked for, and let it say when there is no such thing", FAILS_NO_MORE),
    "RF206": Deed("try {where} again with growing pauses, and have a way on without it", "the run survives an outage"),
    "RF207": Deed("raise the time limit of {where}, or give it less to do at once", FAILS_NO_MORE),
    "RF208": Deed(
        "tell the model at {where} which tools and arguments there are, and check them before the call", FAILS_NO_MORE
    ),
    "RF209": Deed("mend {root}: what is around it only handed its error on", "every level above it goes well"),
    "RF210": Deed("make the run end with an answer: look at {where}", "who asked gets one"),
    "RF301": Deed("drop or sum up what {where} is done with before it is sent again", "each call is sent less"),
    "RF302": Deed(
        "raise the output limit of {where}, or ask it for less at once", "nothing is missing from what it says"
    ),
    "RF303": Deed(
        "begin what {where} is sent with what never changes, so that its cache serves it", "most of it gets cheaper"
    ),
    "RF304": Deed("decide whether {where} is needed before it spends tokens", "nothing is thrown away"),
    "RF305": Deed("cut what {where} is sent to what it needs", "the run gets cheaper"),
    "RF401": Deed("give {where} a key by which doing it again changes nothing", "nothing happens twice"),
    "RF402": Deed("find out whether {where} happened, and tell the session", "it can go on without doing it twice"),
    "RF404": Deed(
        "make the secret in {where} invalid, and mask it where spans are made", "nobody can use what they read"
    ),
}
