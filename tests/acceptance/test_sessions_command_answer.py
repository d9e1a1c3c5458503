"""`reev-flow sessions answer`, as installed: nobody lives who waits for the answer."""

from pathlib import Path

import pytest

from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Question
from reev_flow.sessions.state import SessionState
from support.journals import Story
from support.shopping import Shopping


@pytest.fixture
def shopping(tmp_path: Path) -> Shopping:
    return Shopping(tmp_path)


def asking(schema: bytes = b"", **questions: str) -> Story:
    """A session that waits for answers to these questions, by step."""
    story = Story("s-1").run(0)
    for second, (step, text) in enumerate((questions or {"ask": "Which?"}).items(), 1):
        story.note(EntryKind.ASKED, Question(text=text, schema=schema), second, (f"{step}#1", 1))
    story.become(SessionState.WAITING, 9)
    return story


@pytest.mark.parametrize(
    ("value", "schema", "said"),
    [
        ("true", b"", True),
        ("-5", b"", -5),
        ('{"a": [1]}', b"", {"a": [1]}),
        ("blue", b"", "blue"),
        ("12", b'{"type": "string"}', "12"),
        ('"12"', b'{"type": "string"}', "12"),
        ("12", b'{"type": "integer"}', 12),
        ("two words", b'{"enum": ["two words", "one"]}', "two words"),
    ],
)
def test_an_answer_is_json_or_the_text_that_is_wanted(value: str, schema: bytes, said: object, shopping: Shopping):
    shopping.keep(asking(schema))
    assert shopping.document("sessions", "answer", "s-1", value)["answer"] == said


def test_an_answer_says_how_to_go_on(shopping: Shopping):
    shopping.keep(asking())
    done = shopping.call("sessions", "answer", "s-", "blue")
    assert (done.code, done.out, done.err.count("\n")) == (0, "", 1)
    assert "answered ask#1 of session s-1; " in done.err
    assert "`reev-flow resume s-1` goes on with it" in done.err


def test_an_answer_that_does_not_fit_is_refused_and_the_question_stays_open(shopping: Shopping):
    shopping.keep(asking(b'{"type": "boolean"}'))
    done = shopping.call("sessions", "answer", "s-1", "perhaps")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "is to be of type boolean" in done.err
    assert shopping.call("sessions", "answer", "s-1", "true").code == 0


def test_the_first_answer_counts(shopping: Shopping):
    shopping.keep(asking())
    shopping.call("sessions", "answer", "s-1", "blue")
    for again in ([], ["--question", "ask#1"]):
        done = shopping.call("sessions", "answer", "s-1", "red", *again)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "was answered before; the first answer counts" in done.err


def test_one_of_several_questions_is_named(shopping: Shopping):
    shopping.keep(asking(colour="Which?", size="How large?"))
    unnamed = shopping.call("sessions", "answer", "s-1", "blue")
    named = shopping.call("sessions", "answer", "s-1", "blue", "--question", "colour#1")
    assert (unnamed.code, named.code) == (2, 0)
    assert "several questions are open; name one of colour#1, size#1" in unnamed.err


def test_a_question_that_is_not_asked_is_refused_with_those_that_are(shopping: Shopping):
    shopping.keep(asking())
    done = shopping.call("sessions", "answer", "s-1", "blue", "--question", "size#1")
    assert (done.code, "name one of ask#1" in done.err) == (2, True)


@pytest.mark.parametrize("story", [Story("s-1").run(0), asking().end(10, SessionState.CANCELLED)])
def test_a_session_that_asks_nothing_says_so(story: Story, shopping: Shopping):
    shopping.keep(story)
    done = shopping.call("sessions", "answer", "s-1", "blue")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "asks nothing" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["true", "--happened"],
        ["--happened", "--not-happened"],
        ["--not-happened", "--result", "1"],
        ["--happened", "--result", "tx-1"],
    ],
)
def test_options_that_make_no_answer_are_refused_in_one_line(arguments: list[str], shopping: Shopping):
    shopping.keep(asking())
    done = shopping.call("sessions", "answer", "s-1", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--happened", "--result", '"tx-1"'], {"happened": True, "result": "tx-1"}),
        (["--happened"], {"happened": True}),
        (["--not-happened"], {"happened": False}),
        (["false"], False),
    ],
)
def test_a_verdict_on_a_step_in_doubt_is_an_answer(arguments: list[str], said: object, shopping: Shopping):
    shopping.keep(asking())
    assert shopping.document("sessions", "answer", "s-1", *arguments)["answer"] == said


def test_without_a_store_none_is_made(shopping: Shopping):
    done = shopping.call("sessions", "answer", "s-1", "true")
    assert (done.code, "no store at" in done.err) == (2, True)
    assert not (shopping.folder / "logs").exists()


def test_who_answered_is_kept(shopping: Shopping):
    shopping.run("approve", "--arg", "amount=3")
    shopping.call("sessions", "answer", "approve", "true", "--by", "ann")
    shopping.call("resume", "approve")
    assert [step["by"] for step in shopping.document("sessions", "show", "approve")["steps"]] == ["", "ann"]
