"""What a session store promises about the right to move a session on."""

import pytest
from msgspec.structs import replace

from reev_flow.errors import LeaseHeld, LeaseLost, SessionNotFound
from reev_flow.sessions.data import Lease
from support.sessions import NS, START_NS, Run, entry, new_session


def test_each_claim_has_the_next_epoch(store):
    store.create(new_session()).result()
    epochs = [store.claim("s-1", "worker", 60).result().epoch for _ in range(3)]
    assert epochs == [1, 2, 3]


def test_the_epoch_claimed_is_the_sessions_epoch(store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "worker", 60).result()
    assert store.load("s-1").result().epoch == lease.epoch


def test_a_lease_lasts_as_long_as_asked_for_by_the_stores_clock(backend, store):
    store.create(new_session()).result()
    backend.clock.seconds = 100
    assert store.claim("s-1", "worker", 60).result() == Lease(
        session_id="s-1", worker="worker", epoch=1, expires_ns=START_NS + 160 * NS
    )


def test_a_running_lease_keeps_others_out_and_says_whose_it_is(store):
    store.create(new_session()).result()
    store.claim("s-1", "first", 60).result()
    with pytest.raises(LeaseHeld, match="'first'") as caught:
        store.claim("s-1", "second", 60).result()
    assert caught.value.expires_ns == START_NS + 60 * NS


def test_a_refused_claim_takes_nothing_from_the_holder(store):
    run = Run(store)
    lease = store.claim("s-1", "first", 60).result()
    store.claim("s-1", "second", 60).exception()
    run.session = replace(run.session, epoch=lease.epoch)
    run.step(b"still mine")


def test_an_expired_lease_lets_others_in(backend, store):
    store.create(new_session()).result()
    store.claim("s-1", "first", 60).result()
    backend.clock.seconds = 60
    assert store.claim("s-1", "second", 60).result().epoch == 2


def test_a_lease_is_not_over_because_the_clock_was_set_back(backend, store):
    store.create(new_session()).result()
    store.claim("s-1", "first", 60).result()
    backend.clock.seconds = -1_000
    with pytest.raises(LeaseHeld):
        store.claim("s-1", "second", 60).result()


def test_a_released_lease_lets_others_in(store):
    store.create(new_session()).result()
    store.release(store.claim("s-1", "first", 60).result()).result()
    assert store.claim("s-1", "second", 60).result().epoch == 2


def test_what_a_worker_wrote_before_it_claimed_again_is_over(store):
    run = Run(store)
    store.claim("s-1", "worker", 60).result()
    store.claim("s-1", "worker", 60).result()
    with pytest.raises(LeaseLost):
        run.append(entry(1), epoch=1).result()


def test_a_renewed_lease_keeps_its_epoch_for_longer(backend, store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "worker", 60).result()
    backend.clock.seconds = 50
    assert store.renew(lease, 60).result() == replace(lease, expires_ns=START_NS + 110 * NS)


def test_a_lease_can_be_renewed_after_it_expired_when_nobody_took_it(backend, store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "worker", 60).result()
    backend.clock.seconds = 500
    assert store.renew(lease, 60).result().epoch == lease.epoch


def test_renewing_never_shortens(store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "worker", 60).result()
    assert store.renew(lease, 1).result().expires_ns == lease.expires_ns


def test_a_lease_that_is_renewed_after_the_clock_was_set_back_lasts_as_long_as_it_did(backend, store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "worker", 60).result()
    backend.clock.seconds = -1_000
    assert store.renew(lease, 1).result().expires_ns == START_NS + (60 - 1_000) * NS


def test_when_a_lease_was_last_heard_of_is_told_to_those_it_keeps_out(backend, store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "first", 60).result()
    backend.clock.seconds = 20
    store.renew(lease, 60).result()
    with pytest.raises(LeaseHeld) as caught:
        store.claim("s-1", "second", 60).result()
    assert caught.value.heard_ns == START_NS + 20 * NS


def test_a_lease_somebody_took_cannot_be_renewed(backend, store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "first", 60).result()
    backend.clock.seconds = 61
    store.claim("s-1", "second", 60).result()
    with pytest.raises(LeaseLost):
        store.renew(lease, 60).result()


def test_a_lease_given_back_cannot_be_renewed(store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "worker", 60).result()
    store.release(lease).result()
    with pytest.raises(LeaseLost):
        store.renew(lease, 60).result()


def test_releasing_a_lost_lease_does_nothing(backend, store):
    store.create(new_session()).result()
    lost = store.claim("s-1", "first", 60).result()
    backend.clock.seconds = 61
    kept = store.claim("s-1", "second", 60).result()
    store.release(lost).result()
    assert store.renew(kept, 60).result().epoch == kept.epoch


def test_releasing_the_lease_of_a_forgotten_session_does_nothing(store):
    store.release(Lease(session_id="nobody", worker="w", epoch=1, expires_ns=1)).result()


def test_leases_outlast_any_number_of_seconds(store):
    store.create(new_session()).result()
    assert store.claim("s-1", "worker", 1e300).result().expires_ns > START_NS


def test_nobody_claims_a_session_that_is_not_there(store):
    with pytest.raises(SessionNotFound):
        store.claim("nobody", "worker", 60).result()


def test_a_lease_outlives_the_store_that_gave_it(backend, store):
    store.create(new_session()).result()
    store.claim("s-1", "first", 60).result()
    store.close()
    again = backend.open()
    assert isinstance(again.claim("s-1", "second", 60).exception(), LeaseHeld)
    again.close()


def test_when_a_lease_was_heard_of_outlives_the_store(backend, store):
    store.create(new_session()).result()
    store.claim("s-1", "first", 60).result()
    store.close()
    backend.clock.seconds = 500
    again = backend.open()
    assert again.claim("s-1", "second", 60).result().heard_ns == START_NS
    again.close()


def test_a_lease_that_nobody_had_before_was_heard_of_never(store):
    store.create(new_session()).result()
    assert store.claim("s-1", "worker", 60).result().heard_ns == 0


def test_a_lease_says_when_the_former_one_was_claimed(backend, store):
    store.create(new_session()).result()
    store.claim("s-1", "first", 60).result()
    backend.clock.seconds = 500
    assert store.claim("s-1", "second", 60).result().heard_ns == START_NS


def test_a_lease_says_when_the_former_one_was_renewed(backend, store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "first", 60).result()
    backend.clock.seconds = 40
    store.renew(lease, 60).result()
    backend.clock.seconds = 500
    assert store.claim("s-1", "second", 60).result().heard_ns == START_NS + 40 * NS


def test_a_lease_says_when_the_former_one_was_released(backend, store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "first", 60).result()
    backend.clock.seconds = 50
    store.release(lease).result()
    backend.clock.seconds = 500
    assert store.claim("s-1", "second", 60).result().heard_ns == START_NS + 50 * NS


def test_a_lease_claimed_again_by_its_worker_says_when_that_one_was_heard_of(backend, store):
    store.create(new_session()).result()
    store.claim("s-1", "worker", 60).result()
    backend.clock.seconds = 5
    assert store.claim("s-1", "worker", 60).result().heard_ns == START_NS


def test_renewing_does_not_change_what_is_known_of_the_former_lease(backend, store):
    store.create(new_session()).result()
    store.release(store.claim("s-1", "first", 60).result()).result()
    backend.clock.seconds = 5
    lease = store.claim("s-1", "second", 60).result()
    backend.clock.seconds = 10
    assert store.renew(lease, 60).result().heard_ns == START_NS


def test_a_refused_claim_is_no_sign_of_life(backend, store):
    store.create(new_session()).result()
    store.claim("s-1", "first", 60).result()
    backend.clock.seconds = 5
    store.claim("s-1", "second", 60).exception()
    assert store.claim("s-1", "first", 60).result().heard_ns == START_NS


def test_a_running_lease_is_taken_from_a_worker_that_is_named_as_gone(store):
    store.create(new_session()).result()
    store.claim("s-1", "gone", 60).result()
    lease = store.claim("s-1", "next", 60, instead_of="gone").result()
    assert (lease.worker, lease.epoch) == ("next", 2)


def test_a_worker_that_was_wrongly_taken_for_gone_cannot_write_any_more(store):
    run = Run(store)
    run.session = replace(run.session, epoch=store.claim("s-1", "gone", 60).result().epoch)
    store.claim("s-1", "next", 60, instead_of="gone").result()
    with pytest.raises(LeaseLost):
        run.append(entry(1)).result()


def test_a_running_lease_is_not_taken_from_another_worker_than_the_one_named(store):
    store.create(new_session()).result()
    store.claim("s-1", "alive", 60).result()
    with pytest.raises(LeaseHeld, match="'alive'"):
        store.claim("s-1", "next", 60, instead_of="gone").result()


def test_who_holds_a_lease_can_be_asked_for_and_named(store):
    store.create(new_session()).result()
    store.claim("s-1", "gone", 60).result()
    with pytest.raises(LeaseHeld) as caught:
        store.claim("s-1", "next", 60).result()
    assert store.claim("s-1", "next", 60, instead_of=caught.value.worker).result().epoch == 2


def test_a_lease_nobody_has_is_had_whoever_is_named(store):
    store.create(new_session()).result()
    assert store.claim("s-1", "next", 60, instead_of="gone").result().epoch == 1
