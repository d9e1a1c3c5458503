"""What commands tell of trace files from elsewhere shows none of their secrets, unless the settings want it."""

import json
from pathlib import Path

import pytest

from support.command import recorded, reev_flow
from support.secrets import TOKENS

TOKEN = TOKENS["Anthropic"]
LEAST_TOLD = 20  # characters of a token that nobody has by chance
TRACE_ID = "ab" * 16
FAULTY = recorded("pydantic_ai_faulty")


def run_file(path: Path, *, answer: str, name: str = "ask") -> Path:
    """A run with two failed calls; what went wrong begins so that the secret lies where messages are cut."""
    spans = [span("0a", f"agent {name}", "invoke_agent", "", text=answer)]
    spans += [span(span_id, f"call {name}", "execute_tool", "0a", text=answer) for span_id in ("0b", "0c")]
    path.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}), encoding="utf-8")
    return path


def span(span_id: str, name: str, operation: str, parent: str, *, text: str) -> dict[str, object]:
    told = {
        "gen_ai.operation.name": operation,
        "gen_ai.tool.name": name,
        "gen_ai.tool.call.arguments": text,
        "note": text,
    }
    return {
        "traceId": TRACE_ID,
        "spanId": span_id.zfill(16),
        "parentSpanId": parent and parent.zfill(16),
        "name": name,
        "startTimeUnixNano": "1000000",
        "endTimeUnixNano": "2000000",
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in told.items()],
        "status": {"code": 2, "message": text},
    }


def told_of(token: str, out: str) -> str:
    """The longest beginning of the token that is shown, if it is no accident."""
    return next((token[:length] for length in range(len(token), LEAST_TOLD, -1) if token[:length] in out), "")


COMMANDS = [("analyze",), ("analyze", "--json"), ("runs", "show"), ("runs", "list", "--json"), ("diagram",), ("check",)]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("before", [0, 30, 40, 60, 80, 100, 250])
def test_no_part_of_a_token_is_told_of_a_run(tmp_path: Path, command: tuple[str, ...], before: int):
    file = run_file(tmp_path / "a.json", answer="x " * (before // 2) + TOKEN, name=TOKEN)
    done = reev_flow(*command, file)
    assert done.out
    assert told_of(TOKEN, done.out + done.err) == ""


@pytest.mark.parametrize("options", [(), ("--json",), ("--fail-on", "diverged,failed,findings")], ids=" ".join)
@pytest.mark.parametrize("before", [0, 30, 60, 100, 250])
def test_no_part_of_a_token_is_told_of_two_runs(tmp_path: Path, options: tuple[str, ...], before: int):
    a = run_file(tmp_path / "a.json", answer="fine")
    b = run_file(tmp_path / "b.json", answer="x " * (before // 2) + TOKEN, name=TOKEN)
    done = reev_flow("compare", a, b, *options)
    assert done.out
    assert told_of(TOKEN, done.out + done.err) == ""


@pytest.mark.parametrize("command", [("analyze", FAULTY), ("compare", recorded("pydantic_ai_clean"), FAULTY)])
@pytest.mark.parametrize("options", [(), ("--json",)], ids=" ".join)
def test_what_the_settings_call_a_secret_is_not_told(command: tuple[str | Path, ...], options: tuple[str, ...]):
    secret = "convert_currency"
    assert secret in reev_flow(*command, *options).out
    assert secret not in reev_flow(*command, *options, REEV_TRACE_REDACTION_PATTERNS=secret).out


def test_secrets_are_told_where_the_settings_want_nothing_masked(tmp_path: Path):
    file = run_file(tmp_path / "a.json", answer=TOKEN)
    assert TOKEN in reev_flow("analyze", file, "--json", REEV_TRACE_REDACTION="false").out


@pytest.mark.parametrize("command", ["analyze", "check"])
def test_that_a_secret_was_written_down_is_still_told(tmp_path: Path, command: str):
    file = run_file(tmp_path / "a.json", answer=TOKEN)
    assert "an Anthropic key is written down" in " ".join(reev_flow(command, file).out.split())


def test_a_secret_that_only_one_of_two_runs_wrote_down_is_told_of_that_one(tmp_path: Path):
    a, b = run_file(tmp_path / "a.json", answer="fine"), run_file(tmp_path / "b.json", answer=TOKEN)
    told = json.loads(reev_flow("compare", a, b, "--json").out)["comparison"]
    assert "RF404" in {finding["code"] for finding in told["appeared_findings"]}
    assert "RF404" not in {finding["code"] for finding in told["vanished_findings"]}
