"""What a session store promises about what is put to a session from outside."""

import pytest

from reev_flow.errors import AlreadyAnswered, SessionNotFound
from support.sessions import START_NS, Run, answer, new_session


def test_messages_are_read_in_the_order_sent(store):
    Run(store)
    sent = [answer("yes"), answer("", subject="cancel", sent_ns=START_NS - 1), answer("no", subject="approve#2")]
    for message in sent:
        store.send(message).result()
    assert store.messages("s-1").result() == tuple(sent)


def test_a_session_without_messages_has_none(store):
    store.create(new_session()).result()
    assert store.messages("s-1").result() == ()


def test_messages_stay_when_a_worker_writes_and_leaves(store):
    run = Run(store)
    store.send(answer("yes")).result()
    run.step(b"more")
    store.claim("s-1", "worker", 60).result()
    assert store.messages("s-1").result() == (answer("yes"),)


def test_a_message_to_a_session_that_ended_is_kept(store):
    Run(store).end()
    store.send(answer("late")).result()
    assert store.messages("s-1").result() == (answer("late"),)


def test_the_first_answer_counts(store):
    Run(store)
    store.send(answer("yes")).result()
    with pytest.raises(AlreadyAnswered):
        store.send(answer("no")).result()
    assert store.messages("s-1").result() == (answer("yes"),)


def test_the_same_message_again_changes_nothing(store):
    Run(store)
    store.send(answer("yes")).result()
    store.send(answer("yes")).result()
    assert store.messages("s-1").result() == (answer("yes"),)


def test_a_message_to_nobody_is_not_kept(store):
    with pytest.raises(SessionNotFound):
        store.send(answer("yes", session_id="nobody")).result()
