"""What became of a step that was caught in the middle: a probe or a person says."""

from typing import Any

import msgspec

from reev_flow.errors import InvalidAnswer
from reev_flow.flows.effects import Happened, NotHappened
from reev_flow.flows.questions import built, put_question
from reev_flow.flows.step_call import StepCall, result_of
from reev_flow.flows.work import SessionWork
from reev_flow.sessions.history import Standing, StepHistory
from reev_flow.sessions.journal import Effect, EntryKind
from reev_flow.sessions.recorder import Recorder
from reev_flow.sessions.records import Question, Stop, Verdict, read_record
from reev_flow.values.refusal import UnreadableValue
from reev_flow.values.tagged import decode, encode

UNSEEN = "may have run after the backup was made"
SCHEMA = msgspec.json.encode(
    {
        "anyOf": [
            {"type": "boolean"},
            {
                "type": "object",
                "properties": {"happened": {"type": "boolean"}, "result": {}},
                "required": ["happened"],
                "additionalProperties": False,
            },
        ]
    }
)


def may_have_run_unseen(recorder: Recorder, effect: Effect, history: StepHistory | None) -> bool:
    """Whether the session came back from a backup that does not tell what became of the step, and nothing has told it since."""
    if not recorder.restored_at or effect is Effect.RERUN:
        return False
    may_run = history is None or history.standing in {Standing.OPEN, Standing.RETRYING}
    return may_run and (history is None or history.last.number < recorder.restored_at)


async def settle_doubt(work: SessionWork, call: StepCall, history: StepHistory) -> bool:
    """Whether the interrupted attempt did its work. The verdict is recorded, and becomes the history's last entry."""
    verdict = await _ask_probe(work, call) if call.on_interrupt.effect is Effect.PROBE else None
    if verdict is None:
        verdict = await _ask_person(work, call, history)
    entry = work.recorder.note(EntryKind.SETTLED, verdict.encoded(), step=call.identity, attempt=history.attempts)
    await work.save()
    history.last = entry
    return verdict.happened


async def _ask_probe(work: SessionWork, call: StepCall) -> Verdict | None:
    """None when the probe does not know either. What it raises is raised: the step stays in doubt."""
    probe = call.on_interrupt.probe
    assert probe is not None  # noqa: S101 - that is what PROBE means
    found = await result_of(work.keeper.threads, probe, call.args, call.kwargs)
    if isinstance(found, Happened):
        return Verdict(happened=True, result=_encoded(call, found.result), by="probe")
    return Verdict(happened=False, by="probe") if isinstance(found, NotHappened) else None


async def _ask_person(work: SessionWork, call: StepCall, history: StepHistory) -> Verdict:
    question = Question(
        text=f"step {call.name} {_why(history)}: did it happen? (true, false, or happened and result)",
        schema=SCHEMA,
        in_doubt=True,
    )

    def read(data: bytes) -> Verdict:
        return _read_verdict(work, call, data)

    return await put_question(work, call.identity, question, read, history=history)


def _why(history: StepHistory) -> str:
    stop = read_record(history.last) if history.last.kind is EntryKind.INTERRUPTED else None
    return UNSEEN if isinstance(stop, Stop) and stop.reason == UNSEEN else "was interrupted"


def _read_verdict(work: SessionWork, call: StepCall, data: bytes) -> Verdict:
    said = _said(work, call, data)
    if isinstance(said, bool):
        said = {"happened": said}
    if not isinstance(said, dict) or not isinstance(said.get("happened"), bool) or said.keys() - {"happened", "result"}:
        details = 'wanted is true, false, or {"happened": true, "result": …}'
        raise InvalidAnswer(work.session.session_id, call.identity, details)
    result = _converted(work, call, said.get("result")) if said["happened"] else None
    return Verdict(happened=said["happened"], result=_encoded(call, result), by="person")


def _said(work: SessionWork, call: StepCall, data: bytes) -> Any:
    try:
        return decode(data)
    except UnreadableValue as error:
        raise InvalidAnswer(work.session.session_id, call.identity, str(error)) from error


def _converted(work: SessionWork, call: StepCall, result: Any) -> Any:
    """A person gives JSON; the step's annotation says what it stands for."""
    if call.annotation is None or isinstance(call.annotation, str):
        return result
    try:
        return built(result, call.annotation)
    except (msgspec.ValidationError, TypeError) as error:
        raise InvalidAnswer(work.session.session_id, call.identity, f"the result does not fit: {error}") from error


def _encoded(call: StepCall, result: Any) -> bytes:
    return encode(result, annotation=call.annotation, name=f"result of {call.name}")
