"""Two drawn runs laid side by side."""

from decimal import Decimal

import msgspec

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.comparison.compare import Comparison, compare_runs
from reev_flow.analysis.comparison.steps import NOT_THERE, Change
from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import Flag, Value
from reev_flow.trace.trace import Trace
from support.draw import MS, draw
from support.redraw import redraw

BEFORE = """
    agent:planner                  ##########
      llm:gpt                      ##            in=100 out=20 asks=search
      tool:search(x=1) -> cold       ###
      llm:gpt                           ####     in=200 out=30 answer="fine"
"""


def compared(a: str, b: str) -> Comparison:
    return compare_runs(draw(a), draw(b, trace_id="u" * 32))


def told(comparison: Comparison) -> list[str]:
    """Each step with what is different about it."""
    return [
        " ".join([step.name, *step.changes, *(["pending"] if step.is_pending else [])]) for step in comparison.steps
    ]


def without(trace: Trace, *gone: str) -> Trace:
    return assemble_one([span for span in trace.spans if span.name not in gone])


def test_runs_that_did_the_same_have_no_divergence():
    comparison = compared(BEFORE, BEFORE)
    assert (comparison.first_divergence, comparison.diverged) == (None, False)


def test_time_alone_is_no_divergence():
    slower = BEFORE.replace("####     in", "########  in").replace("##########", "##############")
    comparison = compared(BEFORE, slower)
    assert comparison.first_divergence is None
    assert [(step.name, step.difference.duration_ns // MS) for step in comparison.steps] == [
        ("planner", 0),
        ("gpt", 0),
        ("search", 0),
        ("gpt", 4),
    ]


def test_other_arguments_are_named_with_both_of_them():
    comparison = compared(BEFORE, BEFORE.replace("x=1", "x=2"))
    first = comparison.first_divergence
    assert first is not None
    assert first.message == 'In agent planner, after llm gpt: tool search was given {"x":1} in A and {"x":2} in B'
    assert (first.evidence_a, first.evidence_b) == (("0000000000000003",), ("0000000000000003",))


def test_another_tool_is_named_as_what_was_done_instead():
    comparison = compared(BEFORE, BEFORE.replace("tool:search(x=1)", "tool:fetch(x=1) "))
    first = comparison.first_divergence
    assert first is not None
    assert first.message.endswith('A ran tool search({"x":1}), B ran tool fetch({"x":1}) instead')
    assert told(comparison) == ["planner", "gpt", "search missing", "fetch added", "gpt"]


def test_another_result_is_a_divergence():
    comparison = compared(BEFORE, BEFORE.replace("cold", "warm"))
    assert told(comparison) == ["planner", "gpt", "search other_result", "gpt"]
    assert comparison.diverged


def test_another_result_is_quoted_from_where_it_begins_to_differ():
    long = "the weather in Lisbon on Monday is "
    cold, warm = (redraw(draw(BEFORE), "search", output=long + end) for end in ("cold", "warm"))
    comparison = compare_runs(cold, warm)
    assert comparison.first_divergence is not None
    assert comparison.first_divergence.message.endswith(
        'tool search returned …Lisbon on Monday is cold" in A and …Lisbon on Monday is warm" in B'
    )


def test_a_model_that_asks_for_another_tool_has_another_result():
    comparison = compared(BEFORE, BEFORE.replace("asks=search", "asks=fetch"))
    assert comparison.first_divergence is not None
    assert comparison.first_divergence.change is Change.OTHER_RESULT
    assert comparison.first_divergence.message.endswith("llm gpt asked for search(null) in A and for fetch(null) in B")


def test_what_failed_before_and_went_well_now_is_named_with_the_former_reason():
    failed = BEFORE.replace("-> cold       ###", '              !!!          error="503 busy"')
    first = compared(failed, BEFORE).first_divergence
    assert first is not None
    assert first.message.endswith("tool search failed in A (503 busy) and went well in B")


def test_values_nested_too_deeply_to_be_told_apart_are_alike():
    def nested(end: str) -> Trace:
        value: Value = end
        for _ in range(100_000):
            value = [value]
        return redraw(draw(BEFORE), "planner", input=value)

    assert compare_runs(nested("cold"), nested("warm")).first_divergence is None


def test_a_failure_is_named_with_its_reason_and_before_that_of_what_is_around_it():
    failed = BEFORE.replace("##########", "!!!!!!!!!!").replace(
        "-> cold       ###", '              !!!          error="503 busy"'
    )
    first = compared(BEFORE, failed).first_divergence
    assert first is not None
    assert first.change is Change.FAILED
    assert first.message.endswith("tool search went well in A and failed in B (503 busy)")


def test_a_run_that_goes_on_longer_has_added_steps():
    longer = BEFORE + "      tool:save(x=1)                        #\n"
    first = compared(BEFORE, longer).first_divergence
    assert first is not None
    assert first.message == 'In agent planner, after llm gpt: B ran tool save({"x":1}), A did not'


def test_another_model_is_the_same_step_by_another_name():
    comparison = compared(BEFORE, BEFORE.replace("llm:gpt ", "llm:opus"))
    assert told(comparison) == ["planner", "gpt other_name", "search", "gpt other_name"]
    first = comparison.first_divergence
    assert first is not None
    assert first.message == "In agent planner: A ran llm gpt, B opus"


def test_a_run_by_another_name_is_still_compared_step_by_step():
    comparison = compared(BEFORE, BEFORE.replace("agent:planner", "agent:writer "))
    assert told(comparison) == ["planner other_name", "gpt", "search", "gpt"]


def test_other_words_are_told_and_are_no_divergence():
    comparison = compared(BEFORE, BEFORE.replace("fine", "good"))
    assert comparison.first_divergence is not None
    assert comparison.first_divergence.change is Change.OTHER_WORDS
    assert not comparison.diverged


def test_a_real_difference_is_named_before_earlier_words():
    worded = BEFORE.replace("asks=search", 'asks=search answer="well"')
    comparison = compared(worded.replace("well", "so"), worded.replace("x=1", "x=2"))
    assert comparison.first_divergence is not None
    assert comparison.first_divergence.change is Change.OTHER_ARGUMENTS


def test_what_ran_side_by_side_may_change_its_order():
    a = """
        agent:planner       ######
          tool:search(x=1)  ####
          tool:fetch(x=1)    ####
    """
    b = """
        agent:planner       ######
          tool:search(x=1)   ####
          tool:fetch(x=1)   ####
    """
    comparison = compared(a, b)
    assert comparison.first_divergence is None
    assert told(comparison) == ["planner", "search", "fetch"]


def test_what_ran_one_after_the_other_may_not():
    a = """
        agent:planner       ######
          tool:search(x=1)  ###
          tool:fetch(x=1)      ###
    """
    b = """
        agent:planner       ######
          tool:fetch(x=1)   ###
          tool:search(x=1)     ###
    """
    comparison = compared(a, b)
    assert comparison.first_divergence is not None
    assert comparison.first_divergence.change is Change.MOVED
    assert all(NOT_THERE not in {step.a, step.b} for step in comparison.steps)


def test_one_more_round_in_the_middle_of_a_loop_is_the_only_thing_added():
    rounds = ["llm:gpt asks=search", "tool:search(x={})"]

    def loop(questions: str) -> str:
        lines = [f"  {what.format(question)}" for question in questions for what in rounds]
        width = max(map(len, lines)) + 4
        bars = [
            f"{line.replace(' asks=search', ''):<{width}}{' ' * at}#{' ' * (len(lines) - at)}  "
            + ("asks=search" if "llm" in line else "")
            for at, line in enumerate(lines)
        ]
        return "\n".join([f"{'agent:planner':<{width}}{'#' * len(lines)}", *bars])

    comparison = compared(loop("abcdef"), loop("abcXdef"))
    added = sorted((step.name, step.changes) for step in comparison.steps if step.changes)
    assert added == [("gpt", (Change.ADDED,)), ("search", (Change.ADDED,))]


def test_ids_of_the_runs_do_not_differ():
    def with_id(trace_id: str) -> Trace:
        trace = draw(BEFORE, trace_id=trace_id)
        return redraw(trace, "search", input={"trace": trace_id})

    assert compare_runs(with_id("a" * 32), with_id("b" * 32)).first_divergence is None


def test_what_a_step_is_handed_after_other_words_is_made_of_them():
    def worded(words: str) -> str:
        return f"""
            flow:trip              ##########
              llm:gpt              ##            answer="{words}"
              step:save({words})        ###
              tool:book(x=1)            ###
        """

    comparison = compared(worded("fine"), worded("good"))
    assert told(comparison) == ["trip", "gpt other_words", "save other_arguments", "book"]
    assert not comparison.diverged


def test_steps_that_a_running_run_has_not_reached_are_pending_and_no_divergence():
    running = redraw(without(draw(BEFORE), "search"), "planner", flags=frozenset({Flag.UNFINISHED}))
    running = assemble_one(running.spans[:2])
    comparison = compare_runs(draw(BEFORE), running)
    assert told(comparison) == ["planner", "gpt", "search missing pending", "gpt missing pending"]
    assert comparison.first_divergence is None
    assert comparison.b.is_partial


def test_a_step_that_a_running_run_went_past_is_missing():
    running = redraw(without(draw(BEFORE), "search"), "planner", flags=frozenset({Flag.UNFINISHED}))
    comparison = compare_runs(draw(BEFORE), running)
    assert told(comparison) == ["planner", "gpt", "search missing", "gpt"]
    assert comparison.diverged


def test_what_hangs_on_a_parent_that_was_not_told_of_yet_is_compared_with_its_likes():
    comparison = compare_runs(draw(BEFORE), without(draw(BEFORE), "planner"))
    assert told(comparison) == ["planner missing pending", "gpt", "search", "gpt"]
    assert comparison.first_divergence is None
    back = compare_runs(without(draw(BEFORE), "planner"), draw(BEFORE))
    assert told(back) == ["planner added pending", "gpt", "search", "gpt"]


def test_infrastructure_is_left_out_and_its_time_is_its_operations():
    wrapped = BEFORE.replace("-> cold       ###", "-> cold       ###\n        other:GET                    ###")
    comparison = compared(BEFORE, wrapped)
    assert told(comparison) == ["planner", "gpt", "search", "gpt"]
    assert comparison.difference.duration_ns == 0
    assert [step.difference.duration_ns for step in comparison.steps] == [0, 0, 0, 0]


def test_time_outside_of_operations_is_told_apart():
    served = """
        other:POST             ##############
          agent:planner          ##########
    """
    comparison = compared("agent:planner  ##########", served)
    assert comparison.outside_difference.duration_ns == 4 * MS
    assert comparison.difference.duration_ns == 4 * MS


def test_tokens_of_a_container_count_once():
    restated = BEFORE.replace("##########\n", "##########  in=300 out=50\n")
    comparison = compared(BEFORE, restated)
    assert comparison.difference.tokens.total == 0
    assert [step.difference.tokens.total for step in comparison.steps] == [0, 0, 0, 0]


def test_retries_and_failures_of_either_run_are_counted():
    retried = BEFORE.replace(
        "      tool:search(x=1) -> cold       ###\n",
        '      tool:search(x=1)               !     error="503 busy"\n      tool:search(x=1) -> cold        ##\n',
    )
    comparison = compared(BEFORE, retried)
    assert (comparison.b.failures, comparison.b.open_failures, comparison.b.retries) == (1, 0, 1)
    assert (comparison.a.failures, comparison.a.open_failures, comparison.a.retries) == (0, 0, 0)


def test_cost_is_that_of_the_calls_whose_price_is_known():
    def dollar_a_token(call: ModelCall) -> Decimal | None:
        return Decimal(call.usage.total) if call.usage and call.model == "gpt" else None

    dearer = BEFORE.replace("in=200", "in=250")
    comparison = compare_runs(draw(BEFORE), draw(dearer), cost_of=dollar_a_token)
    assert comparison.difference.cost == 50
    assert [step.difference.cost for step in comparison.steps] == [0, 0, 0, 50]
    unknown = draw(dearer.replace("llm:gpt ", "llm:opus"))
    assert compare_runs(draw(BEFORE), unknown, cost_of=dollar_a_token).b.unpriced_calls == 2


def test_a_finding_of_the_same_step_is_in_both_whatever_its_words():
    faulty = BEFORE.replace("-> cold       ###", '              !!!          error="404 not found"')
    other = faulty.replace("404 not found", "404 not found: city")
    comparison = compared(faulty, other)
    assert (comparison.findings.appeared, comparison.findings.vanished) == ((), ())


def test_findings_that_only_one_run_has_appear_or_vanish():
    faulty = BEFORE.replace("-> cold       ###", '              !!!          error="404 not found"')
    there, back = compared(BEFORE, faulty), compared(faulty, BEFORE)
    assert "RF205" in {finding.code for finding in there.findings.appeared}
    assert there.findings.appeared == back.findings.vanished
    assert there.findings.vanished == ()


def test_a_chain_of_many_levels_is_compared_without_recursion():
    levels = 5_000
    first = draw("step:outer  ##").spans[0]
    spans = [
        msgspec.structs.replace(first, span_id=f"{level:x}", parent_id=f"{level - 1:x}" if level else None)
        for level in range(levels)
    ]
    comparison = compare_runs(assemble_one(spans), assemble_one(spans[:-1]))
    assert len(comparison.steps) == levels
    assert comparison.first_divergence is not None


def test_without_the_time_to_look_for_it_no_finding_is_said_to_have_vanished():
    bad = draw("""
        agent:planner     ######
          tool:search      !!    error="429 too many requests"
    """)
    fine = draw("""
        agent:planner     ######
          tool:search      ##
    """)
    assert [one.code for one in compare_runs(bad, fine).findings.vanished]
    findings = compare_runs(bad, fine, timeout_ms=1e-6).findings
    assert (findings.appeared, findings.vanished) == ((), ())
    assert "RF203" in findings.missing
