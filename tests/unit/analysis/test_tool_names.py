"""What the name of a tool says about it."""

import pytest

from reev_flow.analysis.meaning import tool_names


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("get_weather", ("get", "weather")),
        ("getWeatherNow", ("get", "weather", "now")),
        ("HTTPRequest", ("http", "request")),
        ("browser.click-button2", ("browser", "click", "button")),
        ("搜索", ()),
    ],
)
def test_a_name_is_taken_apart_into_words(name: str, words: tuple[str, ...]):
    assert tool_names.words(name) == words


@pytest.mark.parametrize(
    "name",
    [
        "click_button",
        "browser_click",
        "send_email",
        "editFile",
        "wait",
        "place_order",
        "open_account",
        "open_page_and_click",
    ],
)
def test_a_name_with_a_verb_of_doing_acts(name: str):
    assert tool_names.acts(name)


@pytest.mark.parametrize("name", ["get_order", "list_open_issues", "search_web", "weather", "read_commit", "搜索"])
def test_a_name_that_begins_with_a_verb_of_looking_does_not_act(name: str):
    assert not tool_names.acts(name)


@pytest.mark.parametrize("name", ["open_page", "openFile", "browser.open_url"])
def test_opening_what_can_be_read_does_not_act(name: str):
    assert not tool_names.acts(name)


@pytest.mark.parametrize("name", ["bash", "run_tests", "execute_sql", "python", "send_email"])
def test_what_runs_things_may_act(name: str):
    assert tool_names.may_act(name)


@pytest.mark.parametrize("name", ["search_code", "get_script", "weather"])
def test_what_looks_at_things_that_could_run_does_not_act(name: str):
    assert not tool_names.may_act(name)


@pytest.mark.parametrize("name", ["bash", "run_tests", "PythonREPL"])
def test_some_names_run_whatever_they_are_given(name: str):
    assert tool_names.runs(name)


@pytest.mark.parametrize("name", ["get_status", "check_progress", "poll_job", "current_time", "is_ready"])
def test_some_names_watch_what_changes_by_itself(name: str):
    assert tool_names.watches(name)


@pytest.mark.parametrize(("name", "is_so"), [("run", True), ("callTool", True), ("run_tests", False), ("搜索", False)])
def test_some_names_only_say_that_something_is_called(*, name: str, is_so: bool):
    assert tool_names.says_nothing(name) is is_so


@pytest.mark.parametrize("name", ["read_humidity", "getTemperature", "current_price"])
def test_some_names_measure_what_may_be_another_value_next(name: str):
    assert tool_names.measures(name)


@pytest.mark.parametrize("name", ["sleep", "wait_for_element", "ask_human", "request_approval", "ask_user"])
def test_some_names_are_meant_to_take_their_time(name: str):
    assert tool_names.waits(name)


@pytest.mark.parametrize("name", ["get_user", "search_hotels", "prompt_library"])
def test_a_user_or_a_prompt_alone_is_nobody_to_wait_for(name: str):
    assert not tool_names.waits(name)


@pytest.mark.parametrize("name", ["final_answer", "final_result", "submit_report", "transfer_to_billing", "done"])
def test_some_names_end_or_hand_over(name: str):
    assert tool_names.ends(name)


def test_the_topic_of_a_name_leaves_out_what_it_does():
    assert tool_names.topics("get_exchange_rates_api") == {"exchange", "rates"}


def test_the_server_of_a_tool_is_no_part_of_what_its_name_says():
    assert tool_names.topics("mcp__github__get_issue_labels") == {"issue", "labels"}
    assert tool_names.reads("mcp__github__get_issue")


def test_what_acts_tells_of_what_it_did_and_hands_on_nothing():
    assert tool_names.hands_on_texts("read_message")
    assert not tool_names.hands_on_texts("send_message")
