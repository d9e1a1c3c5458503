"""RF208: a model asked for a tool that does not exist, or gave arguments that the tool does not take."""

import pytest

from reev_flow.trace.span import Value
from support.draw import draw
from support.findings import found
from support.redraw import redraw_each


def refused(words: str) -> str:
    return f"""
        agent:planner                  ##########
          llm:gpt                      ##
          tool:weather(city=Porto)       !           error="{words}"
          llm:gpt                          ####
    """


@pytest.mark.parametrize(
    "words",
    [
        "Unknown tool: weather",
        "weather is not a valid tool, try one of [search]",
        "Tool weather not found",
        "No tool named weather",
        "MCP error -32601: Method not found",
        "Error: tool 'weather' does not exist",
    ],
)
def test_a_tool_that_does_not_exist_is_found(words: str):
    (finding,) = found("RF208", refused(words))
    assert finding.message.startswith("weather was called, but there is no such tool")


@pytest.mark.parametrize(
    "words",
    [
        "1 validation error for WeatherInput: city Field required",
        "weather() got an unexpected keyword argument 'city'",
        "weather() missing 1 required positional argument: 'day'",
        "'day' is a required property",
        "Invalid arguments for tool weather",
        "Received tool input did not match expected schema",
        "MCP error -32602: invalid params",
        "422 Unprocessable Entity",
        "day must be of type integer",
        "Extra inputs are not permitted: day",
        "data must NOT have additional properties",
        "Unrecognized key(s) in object: 'day'",
        "An unexpected parameter `day` was provided",
        "weather() got multiple values for argument 'city'",
        "weather() takes from 1 to 2 positional arguments but 3 were given",
        "Invoking `weather()` failed as the following mandatory input parameters are not present: day",
        "Failed to parse tool call arguments as JSON: Expecting ',' delimiter",
        "Invalid JSON input for tool weather",
        "Error: the Action Input is not a valid key, value dictionary.",
        "InputValidationError: weather failed due to the following issue",
        "Missing some input keys: {'day'}",
    ],
)
def test_arguments_that_are_not_valid_are_found(words: str):
    (finding,) = found("RF208", refused(words))
    assert finding.message.startswith("weather was called with arguments that are not valid")


NO_JSON = "Expecting ',' delimiter: line 1 column 18 (char 17)"


@pytest.mark.parametrize(
    ("arguments", "times"),
    [('{"city": "Porto" "day": 2}', 1), ('{"city": "Porto", "day": 2}', 0), ({"city": "Porto"}, 0), ("Porto", 0), ("[" * 100_000, 0)],
    ids=["these arguments", "a response, for these are JSON", "a response, for these were read", "other words", "a deep nest"],
)  # fmt: skip
def test_what_could_not_be_read_as_json_are_the_arguments_if_reading_them_fails_in_the_same_words(
    arguments: Value, times: int
):
    trace = redraw_each(draw(refused(NO_JSON)), "weather", lambda _: {"input": arguments})
    assert len(found("RF208", trace)) == times


def test_a_refusal_in_an_ordinary_result_counts():
    picture = """
        agent:planner                                            ######
          tool:weather(city=Porto) -> Error: unknown tool weather  ##
    """
    assert len(found("RF208", picture)) == 1


def test_a_correction_does_not_give_the_turn_back():
    corrected = refused("Field required") + "          tool:weather(day=1) -> sunny           ##\n"
    assert len(found("RF208", corrected)) == 1


def test_a_tool_that_was_asked_for_and_never_called_is_found_less_surely():
    picture = """
        agent:planner                      ##########
          llm:gpt                          ##             asks=search,get_wether
          tool:search(q=Porto) -> a town     ##
          llm:gpt                              ####       answer="It is a town."
    """
    (finding,) = found("RF208", picture)
    assert finding.confidence == 0.6
    assert finding.message.startswith("get_wether was asked for and never called")


UNTRACED = """
    agent:planner                      ##########
      llm:gpt                          ##             asks=search,get_weather
      tool:search(q=Porto) -> a town     ##
      llm:other                            ####       answer="It is a town."
"""
ANSWERS = {
    "a message of a tool": [{"role": "tool", "name": "get_weather", "content": "sunny"}],
    "a result among the parts of a message": [
        {"role": "user", "content": [{"type": "tool-result", "toolName": "get_weather", "result": {"sky": 1}}]}
    ],
    "a response of a function": {
        "contents": [{"function_response": {"name": "get_weather", "response": {"sky": "blue"}}}]
    },
    "messages written down as a text": '[{"role": "tool", "name": "get_weather", "content": "sunny"}]',
}
NO_ANSWERS = {
    "the request alone": [
        {"role": "assistant", "content": "", "tool_calls": [{"name": "get_weather", "args": {"city": "Porto"}}]}
    ],
    "the description of the tool": {"tools": [{"name": "get_weather", "description": "the weather", "content": "sky"}]},
    "an empty answer": [{"role": "tool", "name": "get_weather", "content": ""}],
    "the answer of another tool": [{"role": "tool", "name": "search", "content": "a town"}],
}


@pytest.mark.parametrize("sent", ANSWERS.values(), ids=ANSWERS)
def test_it_is_silent_about_a_tool_that_was_only_not_traced(sent: Value):
    trace = redraw_each(draw(UNTRACED), "other", lambda _: {"input": sent})
    assert found("RF208", trace) == []


@pytest.mark.parametrize("sent", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_a_tool_that_the_model_heard_nothing_of_was_not_called(sent: Value):
    trace = redraw_each(draw(UNTRACED), "other", lambda _: {"input": sent})
    assert len(found("RF208", trace)) == 1


def test_an_answer_that_there_is_no_such_tool_is_found():
    sent: Value = [{"role": "tool", "name": "get_weather", "content": "Unknown tool get_weather"}]
    (finding,) = found("RF208", redraw_each(draw(UNTRACED), "other", lambda _: {"input": sent}))
    assert finding.message == "get_weather was called, but there is no such tool (Unknown tool)"


def test_what_another_tool_was_told_is_not_said_of_a_call_that_has_an_answer():
    sent: Value = [
        {"role": "tool", "name": "search", "content": "Unknown tool serch"},
        {"role": "tool", "name": "get_weather", "content": "sunny"},
    ]
    assert found("RF208", redraw_each(draw(UNTRACED), "other", lambda _: {"input": sent})) == []


SILENT = {
    "something else that is missing": refused("no such city"),
    "a service that is down": refused("503 service unavailable"),
    "what another service sent": refused("validation error in the response of the upstream"),
    "a response that is no JSON": refused("JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
    "a response with more in it": refused("extra fields not permitted in the response"),
    "a response that a program cannot take": refused("json: cannot unmarshal object into Go value of type []Item"),
    "a mistake within the tool": refused("argument of type 'NoneType' is not iterable"),
    "a tool that is not available to anybody now": refused("the forecast is not available yet"),
    "what a program complains of that a tool ran": """
        agent:planner                        ####
          tool:run_sql(query=select f)       !!      error="ERROR: function f() does not exist"
          tool:python(code=f)                  !!    error="TypeError: f() got an unexpected keyword argument 'a'"
    """,
    "the form of an answer": """
        agent:planner                      ##########
          llm:gpt                          ##             asks=Verdict
          llm:gpt                            ##           answer="yes"
    """,
    "a tool that ends the run": """
        agent:planner                      ##########
          llm:gpt                          ##             asks=search,final_answer
          tool:search(q=Porto) -> a town     ##
          llm:gpt                              ####
    """,
    "what was asked for last": """
        agent:planner                      ##########
          llm:gpt                          ##             asks=search
          tool:search(q=Porto) -> a town     ##
          llm:gpt                              ####       asks=show_map
    """,
    "a run whose tools are not recorded": """
        agent:planner                      ##########
          llm:gpt                          ##             asks=search
          llm:gpt                            ##           asks=fetch
          llm:gpt                              ####
    """,
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF208", picture) == []


def test_a_refusal_that_the_next_model_call_was_sent_is_found():
    picture = """
        agent:planner                                         ##########
          llm:gpt                                             ##            asks=forecast
          llm:gpt(forecast is not a valid tool, try weather)      ######    answer="It is sunny."
    """
    (finding,) = found("RF208", picture)
    assert finding.message == "forecast was called, but there is no such tool (forecast is not a valid tool)"


def test_a_refusal_that_made_a_step_fail_is_found():
    picture = """
        agent:planner      ##########
          step:1           !!!           error="Unknown tool forecast, should be one of: weather"
            llm:gpt        ##            asks=forecast
          step:2               ######
            llm:gpt            ######    answer="It is sunny."
    """
    assert len(found("RF208", picture)) == 1


def test_what_a_model_was_sent_about_another_call_is_no_refusal():
    picture = """
        agent:planner                                         ##########
          llm:gpt                                             ##            asks=forecast
          llm:gpt(the paper says: no such tool was found)         ######    answer="It is sunny."
    """
    assert found("RF208", picture) == []
