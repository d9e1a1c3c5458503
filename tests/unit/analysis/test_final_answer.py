"""What a run said in the end."""

from reev_flow.analysis.evidence.final_answer import final_answer
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.trace import Trace
from support.draw import draw


def answer_of(trace: Trace) -> str | None:
    return final_answer(RunFacts(trace))


def test_the_model_that_ended_last_has_the_last_word():
    trace = draw("""
        agent:planner     ##########
          llm:gpt         ###          answer="let me see"
          llm:gpt               ###    answer="it is sunny"
    """)
    assert answer_of(trace) == "it is sunny"


def test_without_a_model_that_spoke_the_agent_s_output_is_the_answer():
    trace = draw("""
        agent:planner -> it is sunny    ##########
          llm:gpt                       ###           asks=weather
    """)
    assert answer_of(trace) == "it is sunny"


def test_of_several_outermost_outputs_the_last_one_counts():
    trace = draw("""
        step:search -> three hits     ####
        step:write -> it is sunny         ####
    """)
    assert answer_of(trace) == "it is sunny"


def test_outputs_inside_are_not_the_run_s():
    trace = draw("""
        flow:trip                   ##########
          agent:planner -> sunny     ####
    """)
    assert answer_of(trace) is None


def test_what_infrastructure_around_the_run_gave_back_is_not_its_answer():
    trace = draw("""
        other:POST -> 200             ##########
          agent:planner -> sunny       ####
    """)
    assert answer_of(trace) == "sunny"


def test_an_output_that_is_not_text_is_told_as_json():
    assert answer_of(draw("agent:planner(q=1) -> price=240, city=Lisbon  ####")) == '{"city":"Lisbon","price":"240"}'


def test_an_output_that_says_nothing_is_empty():
    assert answer_of(draw("agent:planner -> {}  ####")) == ""


def test_an_answer_recorded_as_no_text_is_empty():
    assert answer_of(draw('llm:gpt  ####  answer=""')) == ""


def test_without_any_record_there_is_no_answer():
    assert answer_of(draw("llm:gpt  ####")) is None
