"""RF202: a tool reported a failure as an ordinary result."""

import pytest

from support.findings import found


def run(result: str, tool: str = "rates(usd=240)", then: str = "llm:gpt") -> str:
    return f"""
        agent:planner{" " * 70}########
          tool:{f"{tool} -> {result}".ljust(74)}####
          {then.ljust(79)}    ####
    """


def test_a_report_of_a_failure_by_a_tool_that_went_well_is_found():
    (finding,) = found("RF202", run('{"error": "rates are down"}'))
    assert finding.message == "rates went well by its status, but its result reports a failure (error: rates are down)"


@pytest.mark.parametrize(
    "result",
    [
        '{"success": false, "message": "quota exceeded"}',
        "Error: timed out",
        '{"isError": true, "content": "refused"}',
        "Fehler: Verbindung zum Server fehlgeschlagen",
        "エラー: 接続がタイムアウトしました",
        "Tool execution failed: the file is locked",
        "ERROR - cannot open display",
        "Error 1045: Access denied for user",
        '{"status": "ERROR", "message": "bad token"}',
        '{"err": "ENOENT: no such file"}',
        "<tool_error>the file is locked</tool_error>",
        '{"httpStatus": 503, "reason": "maintenance"}',
    ],
)
def test_reports_have_many_forms(result: str):
    assert len(found("RF202", run(result))) == 1


def test_words_are_less_sure_than_fields():
    assert found("RF202", run("Error: rates are down"))[0].confidence < 0.9


def test_words_are_no_surer_for_being_wrapped():
    plain, wrapped = (found("RF202", run(result))[0] for result in ("Error: down", '{"result": "Error: down"}'))
    assert wrapped.confidence == plain.confidence


def test_that_something_is_not_there_may_be_the_answer():
    assert found("RF202", run('{"error": "customer not found"}'))[0].confidence < 0.7


def test_several_of_one_tool_are_one_finding():
    picture = """
        agent:planner                           ########
          tool:rates(usd=1) -> {"error":"down"}  ####
          tool:rates(usd=2) -> {"error":"down"}      ####
    """
    assert len(found("RF202", picture)[0].evidence) == 2


def test_after_a_limit_another_question_is_no_correction():
    later = "tool:rates(usd=1) -> 2"
    assert len(found("RF202", run('{"error": "429 too many requests"}', then=later))) == 1


def test_another_question_in_words_is_no_correction():
    first, then = "search(q=trains to Porto tonight)", "tool:search(q=museums near Lisbon) -> Two are open."
    assert len(found("RF202", run("Error: engine stopped", tool=first, then=then))) == 1


def test_a_question_in_better_words_is_a_correction():
    first, then = "search(q=trains to Porto tonight)", "tool:search(q=night trains to Porto) -> One at 22:10."
    assert found("RF202", run("Error: engine stopped", tool=first, then=then)) == []


@pytest.mark.parametrize(
    "tool", ["sql_db_query(query=select 1)", "execute_transfer(order=A7)", "search_docs(q=travel policy)"]
)
def test_what_is_asked_rather_than_run_tells_of_itself(tool: str):
    assert len(found("RF202", run("Error: 503 service unavailable", tool=tool))) == 1


SILENT = {
    "a result with data": run('{"rows": [1], "error": "one row was skipped"}'),
    "a document about errors": run("Errors are values, an essay about error handling"),
    "an empty error": run('{"error": null, "rate": 0.9}'),
    "what was read from others": run("Error: boom", tool="read_log(path=a)"),
    "what a shell printed": run("Error: no such file", tool="bash(cmd=ls)"),
    "what a shell printed, in parts": run('{"output": "Error: no such file"}', tool="bash(cmd=ls)"),
    "what a program said that was run": run("Error: no such file", tool="run(target=a)"),
    "what is found by who asks about errors": run("Timeout error: what it means", tool="web_search(q=timeout error)"),
    "what a check found": run('{"ok": false, "errors": ["line 3: no key"]}', tool="validate_config(path=a)"),
    "a question that was answered later": run('{"error": "429 busy"}', then="tool:rates(usd=240) -> 221"),
    "a question that was corrected next": run('{"error": "usd must be text"}', then="tool:rates(usd=240.0 usd) -> 221"),
    "another tool that stood in": run('{"error": "rates are down"}', then="tool:exchange_rates(usd=240) -> 221"),
}


@pytest.mark.parametrize("picture", SILENT.values(), ids=SILENT)
def test_it_is_silent_about(picture: str):
    assert found("RF202", picture) == []


def test_a_tool_that_failed_by_its_status_is_no_soft_error():
    picture = """
        agent:planner                            ####
          tool:rates(usd=240) -> {"error":"x"}   !!!!    error=x
    """
    assert found("RF202", picture) == []


def test_a_no_without_a_word_is_less_sure():
    (finding,) = found("RF202", run('{"ok": false}'))
    assert finding.confidence == pytest.approx(0.7)
