"""`reev-flow sessions show`: how one session stands, step by step, and what to do next."""

import os
import sys
from typing import Annotated

from cyclopts import Parameter

from reev_flow.cli.hints import Hints
from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, SessionId, Store
from reev_flow.cli.output import write_text
from reev_flow.cli.session_documents import (
    attempt_document,
    entry_document,
    fork_document,
    gap_document,
    question_documents,
    session_document,
)
from reev_flow.cli.session_lines import seen_summary
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import find_session, opened
from reev_flow.cli.session_text import journal_table, next_text, questions_text, session_header, step_table
from reev_flow.cli.session_view import SessionView, next_steps, view_of
from reev_flow.render.terminal_options import TerminalOptions, options_for
from reev_flow.settings import current_settings
from reev_flow.settings.trace_keeping import redaction_of

WithJournal = Annotated[bool, Parameter(help="Also show every entry of the journal.")]


def show(session_id: SessionId, /, *, journal: WithJournal = False, store: Store = None, json: AsJson = False) -> int:
    """Show how a session stands: its steps and attempts, open questions, steps in doubt, and what to do next."""
    with opened(place_of(store), session_id) as kept:
        view = view_of(kept, find_session(kept, session_id), redaction_of(current_settings()))
        location = kept.location
    hints = Hints(store=store or "")
    if json:
        _write_json(view, hints, location, journal=journal)
    else:
        write_text(session_page(view, hints, options_for(sys.stdout, os.environ), with_journal=journal))
    return 0


def session_page(view: SessionView, hints: Hints, options: TerminalOptions, *, with_journal: bool = False) -> str:
    questions = questions_text(view.questions, options)
    parts = [
        session_header(view.seen, view.record, options),
        step_table(view.record, view.in_doubt, options),
        f"asks\n{questions}" if questions else "",
        next_text(next_steps(view, hints), options),
        journal_table(view.entries, options, view.redaction) if with_journal else "",
    ]
    return "\n".join(part for part in parts if part)


def _write_json(view: SessionView, hints: Hints, location: str, *, journal: bool) -> None:
    session = view.redaction.attributes(session_document(view.seen.session))
    write_document(
        store=location,
        session={**session, **seen_summary(view.seen)},
        forked_from=fork_document(view.record.forked_from),
        versions=dict(view.record.versions),
        kept=[attempt_document(attempt) for attempt in view.record.kept],
        steps=[attempt_document(attempt) for attempt in view.record.attempts],
        gaps=[gap_document(gap) for gap in view.record.gaps],
        questions=question_documents(view.questions),
        in_doubt=[{"step": step, "effect": effect} for step, effect in view.in_doubt.items()],
        next=[{"when": when, "command": command} for when, command in next_steps(view, hints)],
        **({"journal": view.redaction.value("", [entry_document(entry) for entry in view.entries])} if journal else {}),
    )
