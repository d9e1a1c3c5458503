"""Whether an answer admits that something went wrong or is missing."""

import pytest

from reev_flow.analysis.evidence.admission import admits_a_failure, denies_something


@pytest.mark.parametrize(
    "answer",
    [
        "I could not look up everything: one service refused.",
        "I couldn\u2019t reach the weather service.",
        "The exchange rate is unavailable at the moment.",
        "I don't have access to your calendar.",
        "The prices are partial.",
        "I used yesterday's rate instead.",
        "Die Abfrage ist leider fehlgeschlagen.",
        "Je n'ai pas pu trouver le tarif, malheureusement.",
        "Lo siento, no pude obtener el precio.",
        "为了解决这个问题,我无法访问该服务。",
        "申し訳ありませんが、取得できませんでした。",
    ],
)
def test_an_answer_that_says_so_admits(answer: str):
    assert admits_a_failure(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "I am not allowed to read the mailbox.",
        "I\u2019m not authorized to see that.",
        "The mailbox is off limits for me.",
        "You need to grant me access to the mailbox first.",
        "The server would not let me in.",
        "Please sign in again so that I can read your mail.",
        "I lack the rights for that mailbox.",
        "Ich darf das Postfach nicht lesen.",
        "Dafür habe ich keine Berechtigung.",
        "No tengo permiso para leer el correo.",
    ],
)
def test_an_answer_that_tells_of_being_refused_admits(answer: str):
    assert admits_a_failure(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Dogs are not allowed in the hotel.",
        "The building has step-free access and needs no ticket.",
        "You sign in at the desk.",
        "Rauchen darf man dort nicht.",
        "The library requires a card.",
    ],
)
def test_what_others_may_not_do_admits_nothing(answer: str):
    assert not admits_a_failure(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Fly with TP 1277 at 07:05 for 240 USD, about 221 EUR. Expect 22 degrees and sun.",
        "Your booking LIS-4711 is confirmed.",
        "Der Flug kostet 221 Euro und geht um sieben Uhr.",
        "Vous partez à sept heures pour 221 euros.",
    ],
)
def test_an_answer_that_says_nothing_of_it_does_not_admit(answer: str):
    assert not admits_a_failure(answer)


def test_a_long_answer_is_read_at_its_start_and_at_its_end():
    filler = "A very nice place. " * 1_000
    assert admits_a_failure(f"{filler}Unfortunately the rest is missing.")
    assert not admits_a_failure(f"{filler}Unfortunately the rest is missing.{filler}")


@pytest.mark.parametrize(
    "answer", ["There is no such user.", "It wasn\u2019t listed.", "Es gibt keinen Nutzer.", "没有这个用户。"]
)
def test_an_answer_with_a_no_denies_something(answer: str):
    assert denies_something(answer)


@pytest.mark.parametrize("answer", ["Bob has paid.", "Bob hat bezahlt.", "Notably, Bob has paid now."])
def test_an_answer_without_a_no_denies_nothing(answer: str):
    assert not denies_something(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "The price leaves the exchange fee out.",
        "I got nothing back from the bank.",
        "The conversion is still outstanding.",
        "The lookup was unsuccessful.",
        "There was an error with the search.",
        "I ran into a technical issue.",
        "The live figures are missing; their service was down.",
        "The server refused, so I went by last week's list.",
        "Den Kurs habe ich nicht bekommen.",
        "No he podido consultar el cambio.",
    ],
)
def test_an_answer_that_says_so_in_passing_admits(answer: str):
    assert admits_a_failure(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "The error budget of the quarter stands at 4 %.",
        "There were 4 open issues on the board.",
        "Take the second one instead of the first.",
        "Here is this month's issue, without any problem at all.",
        "Sales are down 4 %.",
        "The view from there is outstanding.",
    ],
)
def test_words_of_trouble_about_something_else_admit_nothing(answer: str):
    assert not admits_a_failure(answer)


def test_a_vague_word_admits_in_a_sentence_about_what_failed():
    answer = "Last week's figures, as the exchange was down."
    assert admits_a_failure(answer, {"exchange"})
    assert not admits_a_failure(answer, {"weather"})
