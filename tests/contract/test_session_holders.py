"""What a session store promises about asking who has which session."""

import pytest

from reev_flow.sessions.data import Lease
from support.session_stores import DAMAGES, OF_A_NEWER_RELEASE
from support.sessions import NS, START_NS, new_session


def held(store, *names: str) -> dict[str, str]:
    """The workers, by session."""
    return {name: lease.worker for name, lease in store.holders(names).result().items()}


def test_who_has_which_session_is_told_for_many_at_once(store):
    for name in ("a", "b", "c"):
        store.create(new_session(name)).result()
    store.claim("a", "ann", 60).result()
    store.claim("c", "cem", 60).result()
    assert held(store, "a", "b", "c") == {"a": "ann", "c": "cem"}


def test_only_the_sessions_asked_for_are_told(store):
    for name in ("a", "b"):
        store.create(new_session(name)).result()
        store.claim(name, "worker", 60).result()
    assert list(held(store, "b")) == ["b"]
    assert held(store) == {}


def test_the_lease_is_told_as_it_was_given(store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "worker", 60).result()
    assert store.holders(["s-1"]).result() == {"s-1": lease}


def test_a_renewed_lease_is_told_with_its_new_end(backend, store):
    store.create(new_session()).result()
    lease = store.claim("s-1", "worker", 60).result()
    backend.clock.seconds = 50
    store.renew(lease, 60).result()
    assert store.holders(["s-1"]).result()["s-1"].expires_ns == START_NS + 110 * NS


def test_nobody_has_a_session_whose_lease_was_released(store):
    store.create(new_session()).result()
    store.release(store.claim("s-1", "worker", 60).result()).result()
    assert held(store, "s-1") == {}


@pytest.mark.parametrize(("second", "holders"), [(59, {"s-1": "worker"}), (60, {})])
def test_nobody_has_a_session_whose_lease_has_run_out(second, holders, backend, store):
    store.create(new_session()).result()
    store.claim("s-1", "worker", 60).result()
    backend.clock.seconds = second
    assert held(store, "s-1") == holders


@pytest.mark.parametrize(("second", "holders"), [(-60, {"s-1": "worker"}), (-61, {})])
def test_nobody_is_told_to_have_a_lease_when_the_clock_was_set_back_by_more_than_it_lasts(
    second, holders, backend, store
):
    store.create(new_session()).result()
    store.claim("s-1", "worker", 60).result()
    backend.clock.seconds = second
    assert held(store, "s-1") == holders


def test_a_session_that_is_not_there_is_left_out(store):
    assert held(store, "nobody") == {}


@pytest.mark.parametrize("damage", [*DAMAGES.values(), OF_A_NEWER_RELEASE])
def test_a_session_that_cannot_be_trusted_is_left_out_and_others_are_told(damage, backend, store):
    for name in ("s-1", "s-2"):
        store.create(new_session(name)).result()
        store.claim(name, "worker", 60).result()
    backend.meddle(damage, "s-1")
    assert held(store, "s-1", "s-2") == {"s-2": "worker"}


def test_asking_sees_what_was_asked_for_before(store):
    store.create(new_session())
    store.claim("s-1", "worker", 60)
    assert held(store, "s-1") == {"s-1": "worker"}


def test_asking_is_no_sign_of_life(backend, store):
    store.create(new_session()).result()
    store.claim("s-1", "first", 60).result()
    backend.clock.seconds = 30
    store.holders(["s-1"]).result()
    backend.clock.seconds = 500
    assert store.claim("s-1", "second", 60).result() == Lease(
        session_id="s-1", worker="second", epoch=2, expires_ns=START_NS + 560 * NS, heard_ns=START_NS
    )
