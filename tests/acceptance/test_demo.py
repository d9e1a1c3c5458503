"""`reev-flow demo`, as installed: what it says is held against the tally, the journal and the trace."""

import json
import os
import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from reev_flow.cli.demo_facts import Facts, broken_promises
from reev_flow.cli.demo_place import Place
from reev_flow.cli.demo_process import Ended
from reev_flow.cli.demo_watch import Watch
from support.command import COMMAND, Outcome, reev_flow
from support.demo import Seen, look_at
from support.mermaid_parser import MermaidParser
from support.pages import ROOT, reader_environment
from support.serving import eventually

SLOW = "compare_modules"
EFFECT = "write_section"
posix = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell is needed")


class TwoDemos(msgspec.Struct, frozen=True):
    """One that was told, and one that was asked for JSON, in the same folder at the same time."""

    folder: Path
    told: Outcome
    as_json: Outcome


@pytest.fixture(scope="module")
def two_demos(tmp_path_factory: pytest.TempPathFactory) -> TwoDemos:
    folder = tmp_path_factory.mktemp("reader")
    with ThreadPoolExecutor(2) as threads:
        told = threads.submit(reev_flow, "demo", cwd=folder, COLUMNS="80")
        as_json = threads.submit(reev_flow, "demo", "--json", cwd=folder)
        return TwoDemos(folder, told.result(), as_json.result())


@pytest.fixture(scope="module")
def facts(two_demos: TwoDemos) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(two_demos.as_json.out)
    return found


@pytest.fixture(scope="module")
def seen(two_demos: TwoDemos, facts: dict[str, Any]) -> Seen:
    """Of the run that was asked for JSON, read without the demo."""
    return look_at(facts["session"]["session_id"], two_demos.folder)


def test_two_of_them_go_well_at_the_same_time(two_demos: TwoDemos):
    assert (two_demos.told.code, two_demos.told.err) == (0, "")
    assert (two_demos.as_json.code, two_demos.as_json.err) == (0, "")


def test_nothing_is_written_but_below_the_folder_that_it_names(two_demos: TwoDemos):
    assert [path.relative_to(two_demos.folder) for path in two_demos.folder.iterdir()] == [Path("logs")]
    assert [path.name for path in (two_demos.folder / "logs").iterdir()] == ["demo"]
    assert f"written below {Path('logs', 'demo')}." in flat(two_demos.told.out)


def test_it_says_that_a_script_stands_where_a_model_would(two_demos: TwoDemos):
    assert "A scripted chooser stands where a model would" in flat(two_demos.told.out)


@posix
def test_the_first_process_was_killed_and_the_second_ended_well(facts: dict[str, Any]):
    first, second = facts["processes"]
    assert (first["exit_code"], first["signal"]) == (-signal.SIGKILL, "SIGKILL")
    assert (second["exit_code"], second["signal"]) == (0, None)
    assert first["pid"] != second["pid"]


def test_tally_journal_and_trace_tell_of_the_same_executions(seen: Seen):
    assert seen.begun_by_tally == seen.begun_by_journal == seen.begun_by_trace
    assert seen.ended_by_tally == seen.ended_by_journal
    assert seen.failed_by_tally == seen.failed_by_journal


def test_what_it_says_of_executions_is_what_the_tally_says(facts: dict[str, Any], seen: Seen):
    assert {one["tool"]: one["began"] for one in facts["executions"]} == seen.begun_by_tally


def test_only_the_step_that_was_killed_ran_twice(facts: dict[str, Any], seen: Seen):
    again = [step for step, count in seen.begun_steps.items() if count > 1]
    assert [step.rpartition("/")[2] for step in again] == [f"{SLOW}#1"]
    processes = [line.process for line in seen.tally if line.tool == SLOW]
    killed, resumed = (process["pid"] for process in facts["processes"])
    assert processes == [killed, resumed, resumed]  # began, began again, ended


def test_each_effect_happened_once_also_over_the_kill(facts: dict[str, Any], seen: Seen):
    processes = [process["pid"] for process in facts["processes"]]
    assert [line.process for line in seen.tally if (line.tool, line.what) == (EFFECT, "begins")] == processes
    assert re.findall("^## .*", seen.report, re.MULTILINE) == ["## Size", "## Likeness"]


def test_the_journal_that_was_left_is_the_beginning_of_the_whole_one(facts: dict[str, Any], seen: Seen):
    assert seen.journal == facts["journal"]
    before, after = seen.journal[: facts["entries_before"]], seen.journal[facts["entries_before"] :]
    assert {entry["epoch"] for entry in before} == {1}
    assert {entry["epoch"] for entry in after} == {2}
    assert [entry["step"].rpartition("/")[2] for entry in seen.left_open(before)] == [f"{SLOW}#1"]


def test_the_killed_attempt_is_in_the_trace_and_so_is_the_time_without_a_process(facts: dict[str, Any], seen: Seen):
    killed, again = (span for span in seen.spans if span["label"] == SLOW)
    (down,) = (span for span in seen.spans if span["label"] == "down")
    assert (killed["status"], killed["status_message"]) == ("error", "interrupted")
    assert killed["start_ns"] + killed["duration_ns"] <= down["start_ns"]
    assert down["start_ns"] + down["duration_ns"] <= again["start_ns"]
    assert down["duration_ns"] == int(facts["down_ns"]) > 0


def test_it_is_one_trace_and_all_of_its_time_is_explained(facts: dict[str, Any], seen: Seen):
    run = seen.document["run"]
    assert run["trace_id"] == facts["trace_id"] == facts["session"]["trace_id"]
    assert sum(segment["duration_ns"] for segment in seen.document["critical_path"]) == run["duration_ns"]
    assert int(facts["explained_ns"]) == run["duration_ns"]
    assert seen.document["problems"] == []


def test_what_the_chooser_did_in_both_processes_is_below_its_steps(seen: Seen):
    parents = [seen.spans[span["parent"]]["label"] for span in seen.spans if span["operation"] == "llm"]
    assert parents == ["choose"] * 7


def test_each_finding_is_true(seen: Seen):
    findings = {finding["code"]: finding for finding in seen.document["findings"]}
    by_id = {span["span_id"]: position for position, span in enumerate(seen.spans)}
    assert findings.keys() >= {"RF101"}
    calls = {call["span"]: call for call in seen.document["tool_calls"]}
    repeats = [calls[by_id[span_id]] for span_id in findings["RF101"]["evidence"]]
    assert {call["name"] for call in repeats} == {"search_text"}
    assert repeats[0]["arguments"] == repeats[1]["arguments"]
    assert repeats[0]["result"] == repeats[1]["result"]
    if "RF106" in findings:
        (owner,) = (seen.spans[by_id[span_id]] for span_id in findings["RF106"]["evidence"])
        assert owner["operation_critical_ns"] * 2 >= seen.document["run"]["duration_ns"]


def test_the_file_that_is_no_python_failed_and_was_read_instead(seen: Seen):
    (failed,) = (call for call in seen.document["tool_calls"] if call["failed"] and call["name"] == "parse_module")
    (read,) = (call for call in seen.document["tool_calls"] if call["name"] == "read_head")
    assert failed["arguments"]["path"] == read["arguments"]["path"]
    assert failed["arguments"]["path"].endswith(".sql")


def test_nothing_was_other_than_promised(facts: dict[str, Any]):
    assert facts["broken_promises"] == []


@pytest.fixture(scope="module")
def looked_at(two_demos: TwoDemos, facts: dict[str, Any]) -> Facts:
    """What the demo itself looked at."""
    store = two_demos.folder / "logs" / "demo"
    session_id = facts["session"]["session_id"]
    place = Place(store=store, folder=store / session_id, is_temporary=False)
    killed, resumed = (Ended(process=one["pid"], exit_code=one["exit_code"]) for one in facts["processes"])
    with Watch(place, session_id) as watch:
        found = watch.facts(killed, resumed, watch.journal()[: facts["entries_before"]])
        assert list(broken_promises(found)) == []  # also reads the trace, while the stores are open
        return found


def test_a_tally_that_differs_from_the_journal_is_told(looked_at: Facts):
    lost = [line for line in looked_at.tally if (line.tool, line.what) != ("list_files", "ends")]
    broken = list(broken_promises(replace(looked_at, tally=tuple(lost))))
    assert broken == ["list_files: the tally and the journal differ"]


def test_an_effect_that_happened_again_is_told(looked_at: Facts):
    again = next(line for line in looked_at.tally if line.tool == EFFECT)
    broken = list(broken_promises(replace(looked_at, tally=(*looked_at.tally, again))))
    assert f"{EFFECT}: an effect was tried more than once" in broken
    sections = (*looked_at.sections, looked_at.sections[0])
    assert "the report holds a section twice" in list(broken_promises(replace(looked_at, sections=sections)))


def test_a_journal_that_was_changed_is_told(looked_at: Facts):
    broken = list(broken_promises(replace(looked_at, before=looked_at.before[1:])))
    assert broken == ["the journal that the killed process left was changed"]


def test_its_diagram_is_one_for_mermaid(two_demos: TwoDemos, mermaid: MermaidParser):
    (diagram,) = re.findall(r"^---\nconfig:\n.*?(?=\n\n)", two_demos.told.out, re.MULTILINE | re.DOTALL)
    assert "interrupted" in mermaid.parse(diagram).description


def commands_in(told: str) -> list[str]:
    return [line.strip() for line in told.partition("5. To look further")[2].splitlines() if line.startswith("  ")]


@posix
def test_each_command_that_it_shows_works_when_it_is_pasted(two_demos: TwoDemos):
    commands = commands_in(two_demos.told.out)
    assert len(commands) == 7
    for command in commands:
        done = subprocess.run(
            command,
            shell=True,
            cwd=two_demos.folder,
            env=reader_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (command, done.returncode) == (command, 1 if " check " in command else 0)
        assert done.stdout


def flat(text: str) -> str:
    return " ".join(text.split())


DIFFERS = (  # from run to run: durations, shares, bars, ids, processes
    (r"\d+ min \d\d s\b|[\d.,]+ (ns|µs|ms|s)\b|\d+(,\d{3})+", "TIME"),
    (r"[<\d]+%|[━─]+", ""),
    (r"\b[0-9a-f]{32}\b", "TRACE"),
    (r"\bprocess \d+\b", "process PID"),
    (r"(?m)^( ?\d+) +\d+ +(?=[a-z])", r"\1 PID "),
)


def what_stays(text: str) -> str:
    """Without what differs from run to run, and with each gap as one blank."""
    for pattern, stand_in in DIFFERS:
        text = re.sub(pattern, stand_in, text, flags=re.IGNORECASE)
    return flat(text)


def test_the_readme_shows_what_is_printed(two_demos: TwoDemos):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```text demo\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    printed = what_stays(two_demos.told.out)
    for part in block.split("\n…\n"):
        assert what_stays(part) in printed


def test_it_works_in_a_narrow_terminal_without_unicode_whatever_the_settings_say(tmp_path: Path):
    done = reev_flow(
        "demo",
        cwd=tmp_path,
        COLUMNS="40",
        NO_COLOR="1",
        PYTHONUTF8="0",
        PYTHONIOENCODING="ascii",
        LC_ALL="C",
        REEV_SESSION_AUTO_SAVE="false",
        REEV_OTEL_ENABLED="false",
        REEV_SESSION_STORE_PATH="memory:",
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.isascii()
    assert "\x1b" not in done.out
    story = done.out.partition("The same run as a diagram")[0]
    assert max(map(len, story.splitlines())) <= 40


def test_where_logs_cannot_be_written_a_temporary_folder_is_named(tmp_path: Path):
    (tmp_path / "logs").write_text("not a folder", encoding="utf-8")
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    done = reev_flow("demo", "--json", cwd=tmp_path, TMPDIR=str(elsewhere), TMP=str(elsewhere), TEMP=str(elsewhere))
    assert done.code == 0
    assert Path(json.loads(done.out)["store"]).parent == elsewhere
    assert (tmp_path / "logs").read_text(encoding="utf-8") == "not a folder"


@posix
@pytest.mark.parametrize(
    ("number", "moment"), [(signal.SIGINT, "1. Process (\\d+)"), (signal.SIGTERM, "2. Process (\\d+)")]
)
def test_stopping_it_in_the_middle_ends_its_process_and_says_how_to_go_on(tmp_path: Path, number: int, moment: str):
    with subprocess.Popen(
        [COMMAND, "demo"],
        cwd=tmp_path,
        env=reader_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as demo:
        assert demo.stdout
        process = next(found[1] for line in demo.stdout if (found := re.match(moment, line)))
        wait_for_session(tmp_path)
        demo.send_signal(number)
        assert demo.stdout.read().count("\n") < 20
        assert demo.stderr
        told = demo.stderr.read()
    assert demo.returncode == 128 + number
    with pytest.raises(ProcessLookupError):
        os.kill(int(process), 0)
    (go_on,) = re.findall("`(.*)`", told)
    done = subprocess.run(
        go_on, shell=True, cwd=tmp_path, env=reader_environment(), capture_output=True, text=True, check=False
    )
    assert (told.count("\n"), done.returncode) == (1, 0)


def wait_for_session(folder: Path) -> None:
    """Until a tool has begun."""
    tallies = folder / "logs" / "demo"
    eventually(
        lambda: any(path.read_text(encoding="utf-8") for path in tallies.glob("*/tally.txt")), lambda: "nothing began"
    )


@posix
def test_a_reader_who_leaves_early_is_no_error(tmp_path: Path):
    done = subprocess.run(
        "reev-flow demo | head -2",
        shell=True,
        cwd=tmp_path,
        env=reader_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.count("\n"), done.stderr) == (2, "")
