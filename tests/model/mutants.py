"""Rules that are wrong in one way each: what an invariant is worth shows when one of them is taken for the right one."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from model.world import NOW, Rules
from reev_flow.errors import LeaseLost, SessionConflict
from reev_flow.sessions.data import Lease, Message
from reev_flow.sessions.store import Write
from reev_flow.stores import rules
from reev_flow.stores.rules import LAST_NS, Claim, Kept


class Mutant(msgspec.Struct, frozen=True):
    """Each invariant of `breaks` shows it by itself, `scope` is the name of a world that is large enough."""

    rules: Rules
    breaks: tuple[str, ...]
    scope: str


def claims_in_spite_of_a_lease(kept: Kept, claim: Claim, _: int) -> Kept:
    return replace(rules.claimed(kept, claim, LAST_NS), expires_ns=NOW + int(claim.seconds * rules.NS), heard_ns=NOW)


def claims_with_the_former_epoch(kept: Kept, claim: Claim, now_ns: int) -> Kept:
    after = rules.claimed(kept, claim, now_ns)
    return replace(after, session=replace(after.session, epoch=max(1, kept.session.epoch)))


def keeps_a_lease_for_ever(kept: Kept, claim: Claim, _: int) -> Kept:
    return rules.claimed(replace(kept, expires_ns=LAST_NS) if kept.worker else kept, claim, NOW)


def renews_what_was_taken(kept: Kept, lease: Lease, now_ns: int, seconds: float) -> Kept:
    return rules.renewed(replace(kept, worker=lease.worker), replace(lease, epoch=kept.session.epoch), now_ns, seconds)


def renews_by_the_clock_of_before(kept: Kept, lease: Lease, now_ns: int, seconds: float) -> Kept:
    after = rules.renewed(kept, lease, now_ns, seconds)
    return replace(after, expires_ns=max(kept.expires_ns, after.expires_ns))


def renews_for_nothing(kept: Kept, lease: Lease, now_ns: int, seconds: float) -> Kept:
    return replace(rules.renewed(kept, lease, now_ns, seconds), expires_ns=kept.expires_ns)


def releases_anybodys(kept: Kept, lease: Lease, now_ns: int) -> Kept | None:
    return rules.released(kept, replace(lease, worker=kept.worker, epoch=kept.session.epoch), now_ns)


def appends_whatever_the_epoch(kept: Kept, write: Write, chain_at: Callable[[int], bytes | None]) -> Kept | None:
    write = replace(write, session=replace(write.session, epoch=kept.session.epoch))
    return rules.appended(kept, write, chain_at)


def appends_out_of_order(kept: Kept, write: Write, chain_at: Callable[[int], bytes | None]) -> Kept | None:
    try:
        return rules.appended(kept, write, chain_at)
    except SessionConflict:
        return replace(kept, session=write.session)


def appends_anything(kept: Kept, write: Write, _: Any) -> Kept:
    return replace(kept, session=write.session)


def appends_for_the_first_worker_only(kept: Kept, write: Write, chain_at: Callable[[int], bytes | None]) -> Kept | None:
    if write.session.epoch > 1:
        raise LeaseLost("s-1", write.session.epoch)
    return rules.appended(kept, write, chain_at)


def acknowledges_without_keeping(kept: Kept, write: Write, chain_at: Callable[[int], bytes | None]) -> Kept | None:
    return rules.appended(kept, write, chain_at) if kept.session.entries < 2 else None


def refuses_what_was_made_before(kept: Kept, write: Write, _: Callable[[int], bytes | None]) -> Kept | None:
    after = rules.appended(kept, write, lambda _: None)
    if after is None:
        raise SessionConflict("s-1", "this was written before")
    return after


def takes_every_answer(kept: Kept, message: Message, _: Any) -> Kept | None:
    return rules.sent(kept, message, ()) if kept.messages < 2 else None


MUTANTS: dict[str, Mutant] = {
    "a claim in spite of a lease": Mutant(
        Rules(claimed=claims_in_spite_of_a_lease), ("nobody is robbed",), "somebody dies"
    ),
    "a claim with the former epoch": Mutant(
        Rules(claimed=claims_with_the_former_epoch),
        ("the lease is of the last claim", "each epoch is one workers"),
        "somebody is stopped",
    ),
    "a lease that never runs out": Mutant(
        Rules(claimed=keeps_a_lease_for_ever), ("somebody can take it up",), "somebody dies"
    ),
    "a lease renewed after it was taken": Mutant(
        Rules(renewed=renews_what_was_taken), ("the lease is of the last claim",), "somebody is stopped"
    ),
    "a lease renewed for nothing": Mutant(
        Rules(renewed=renews_for_nothing), ("renewing gives the whole time",), "somebody is stopped"
    ),
    "a lease renewed by the clock of before": Mutant(
        Rules(renewed=renews_by_the_clock_of_before), ("somebody can take it up",), "the clock is set, somebody dies"
    ),
    "silence that nobody hears": Mutant(
        Rules(sees_silence=lambda *_: False), ("somebody can take it up",), "the clock is set, somebody dies"
    ),
    "a lease released by somebody else": Mutant(
        Rules(released=releases_anybodys), ("nobody is robbed",), "somebody is stopped"
    ),
    "no fencing": Mutant(
        Rules(appended=appends_whatever_the_epoch), ("only the last claim writes",), "somebody is stopped"
    ),
    "an epoch read after a later claim": Mutant(
        Rules(sees_later_claims=False), ("only the last claim writes",), "somebody is stopped"
    ),
    "no chain": Mutant(
        Rules(appended=appends_out_of_order), ("every entry follows", "nothing acknowledged is lost"), "a question"
    ),
    "writes that nobody looks at": Mutant(
        Rules(appended=appends_anything),
        ("what ended takes nothing more", "every entry follows"),
        "somebody is stopped",
    ),
    "one worker's writes only": Mutant(
        Rules(appended=appends_for_the_first_worker_only), ("who has the lease is not refused",), "somebody dies"
    ),
    "an acknowledgement for nothing": Mutant(
        Rules(appended=acknowledges_without_keeping), ("nothing acknowledged is lost",), "somebody dies"
    ),
    "the same write refused": Mutant(
        Rules(appended=refuses_what_was_made_before), ("a write made twice is made once",), "somebody dies"
    ),
    "two answers": Mutant(
        Rules(sent=takes_every_answer), ("one answer is kept", "an answer counts once"), "a question"
    ),
    "answers that nobody looks for": Mutant(
        Rules(sees_answers=False), ("it can always still come to its end",), "a question"
    ),
    "doubt that is not asked about": Mutant(
        Rules(runs_again_in_doubt=lambda _: True),
        ("doubt is settled first", "effects happen exactly once"),
        "somebody dies",
    ),
    "an effect before its start is kept": Mutant(
        Rules(waits_until_begun=False), ("an effect begins once and is known",), "somebody dies"
    ),
    "workers whose death nobody sees": Mutant(
        Rules(sees_who_is_gone=False), ("who is gone is replaced at once",), "somebody dies"
    ),
}
