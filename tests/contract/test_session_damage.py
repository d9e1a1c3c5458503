"""What a session store promises about sessions that were damaged, or written by a newer release."""

import pytest

from reev_flow.errors import NewerSchema, SessionCorruption
from reev_flow.sessions.store import SessionQuery
from support.session_stores import DAMAGES, FORGOTTEN_DAMAGES, JOURNAL_DAMAGES, MESSAGE_DAMAGES, OF_A_NEWER_RELEASE
from support.sessions import START_NS, Run, answer, entry, is_unbroken, new_session, write_after

ALL_DAMAGES = DAMAGES | JOURNAL_DAMAGES | MESSAGE_DAMAGES


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_session_is_not_loaded(backend, store, damage):
    Run(store)
    backend.meddle(DAMAGES[damage], "s-1")
    with pytest.raises(SessionCorruption) as caught:
        store.load("s-1").result()
    assert caught.value.session_id == "s-1"


@pytest.mark.parametrize("damage", [*DAMAGES.values(), OF_A_NEWER_RELEASE])
def test_what_belongs_to_a_session_that_is_not_loaded_is_not_read_either(backend, store, damage):
    Run(store).step(b"fine")
    backend.meddle(damage, "s-1")
    why = type(store.load("s-1").exception())
    assert [type(ask("s-1").exception()) for ask in (store.read_journal, store.messages)] == [why, why]
    assert why in {SessionCorruption, NewerSchema}


@pytest.mark.parametrize("damage", DAMAGES)
def test_other_sessions_still_load_beside_a_damaged_one(backend, store, damage):
    Run(store)
    other = Run(store, new_session("s-2"))
    other.step(b"fine")
    backend.meddle(DAMAGES[damage], "s-1")
    assert is_unbroken(store.load("s-2").result(), store.read_journal("s-2").result())


@pytest.mark.parametrize("damage", JOURNAL_DAMAGES)
def test_a_damaged_journal_is_not_read(backend, store, damage):
    run = Run(store)
    run.append(entry(1), entry(2), entry(3)).result()
    backend.meddle(JOURNAL_DAMAGES[damage], "s-1")
    with pytest.raises(SessionCorruption):
        store.read_journal("s-1").result()


@pytest.mark.parametrize("damage", MESSAGE_DAMAGES)
def test_damaged_messages_are_not_read(backend, store, damage):
    Run(store)
    store.send(answer("yes")).result()
    backend.meddle(MESSAGE_DAMAGES[damage], "s-1")
    with pytest.raises(SessionCorruption):
        store.messages("s-1").result()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_session_is_left_out_of_what_is_found(backend, store, damage):
    Run(store)
    other = Run(store, new_session("s-2"))
    backend.meddle(DAMAGES[damage], "s-1")
    assert store.find(SessionQuery(limit=1)).result() == (other.session,)


@pytest.mark.parametrize("damage", ALL_DAMAGES)
def test_the_damaged_sessions_are_named(backend, store, damage):
    for name in ("s-1", "s-2"):
        run = Run(store, new_session(name))
        run.append(entry(1), entry(2), entry(3)).result()
        store.send(answer("yes", session_id=name)).result()
    backend.meddle(ALL_DAMAGES[damage], "s-1")
    assert set(store.damaged().result()) - {"other"} == {"s-1"}


def test_no_session_of_a_sound_store_is_damaged(store):
    Run(store).step(b"fine")
    assert store.damaged().result() == ()


@pytest.mark.parametrize("damage", DAMAGES)
def test_nothing_is_done_to_a_damaged_session(backend, store, damage):
    run = Run(store)
    backend.meddle(DAMAGES[damage], "s-1")
    store.close()
    again = backend.open()
    attempts = (
        again.create(new_session()),
        again.append(write_after(run.session, entry(1))),
        again.claim("s-1", "worker", 60),
        again.send(answer("yes")),
    )
    assert {type(attempt.exception()) for attempt in attempts} == {SessionCorruption}
    again.close()


def test_a_session_of_a_newer_release_is_not_loaded(backend, store):
    Run(store)
    backend.meddle(OF_A_NEWER_RELEASE, "s-1")
    with pytest.raises(NewerSchema, match="upgrade"):
        store.load("s-1").result()


def test_a_session_of_a_newer_release_is_left_as_it_is(backend, store):
    run = Run(store)
    run.end()
    backend.meddle(OF_A_NEWER_RELEASE, "s-1")
    assert isinstance(store.claim("s-1", "worker", 60).exception(), NewerSchema)
    assert (store.prune(START_NS * 2).result(), store.find(SessionQuery()).result(), store.damaged().result()) == (
        (),
        (),
        (),
    )


def test_a_damaged_session_is_not_pruned(backend, store):
    Run(store).end()
    backend.meddle(DAMAGES["its record"], "s-1")
    assert (store.prune(START_NS * 2).result(), store.damaged().result()) == ((), ("s-1",))


@pytest.mark.parametrize("damage", FORGOTTEN_DAMAGES)
def test_a_forgotten_session_is_not_run_again_when_what_is_kept_of_it_is_damaged(backend, store, damage):
    Run(store).end()
    store.prune(START_NS * 2).result()
    backend.meddle(FORGOTTEN_DAMAGES[damage], "s-1")
    with pytest.raises(SessionCorruption, match="run and forgotten"):
        store.create(new_session()).result()


@pytest.mark.parametrize("damage", FORGOTTEN_DAMAGES)
def test_a_damaged_forgotten_session_is_named(backend, store, damage):
    for name in ("s-1", "s-2"):
        Run(store, new_session(name)).end()
    store.prune(START_NS * 2).result()
    backend.meddle(FORGOTTEN_DAMAGES[damage], "s-1")
    assert set(store.damaged().result()) - {"s-1x"} == {"s-1"}


@pytest.mark.parametrize("damage", FORGOTTEN_DAMAGES)
def test_a_damaged_forgotten_id_that_was_freed_can_be_used_again(backend, store, damage):
    Run(store).end()
    store.prune(START_NS * 2).result()
    backend.meddle(FORGOTTEN_DAMAGES[damage], "s-1")
    assert (store.free("s-1").result(), store.create(new_session()).result()) == (True, None)
