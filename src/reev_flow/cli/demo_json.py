"""What the demo knows as JSON."""

from collections.abc import Sequence

from reev_flow.cli.demo_facts import Facts, broken_promises
from reev_flow.cli.json_document import Document, write_document
from reev_flow.cli.session_documents import entry_document, session_document


def write_facts(facts: Facts, commands: Sequence[tuple[str, str]]) -> None:
    write_document(
        store=str(facts.place.store),
        report=str(facts.place.report),
        tally=str(facts.place.tally),
        session=session_document(facts.session),
        processes=[
            {"pid": ended.process, "exit_code": ended.exit_code, "signal": ended.signal or None}
            for ended in (facts.killed, facts.resumed)
        ],
        journal=[entry_document(entry) for entry in facts.after],
        entries_before=len(facts.before),
        executions=_executions(facts),
        sections=facts.sections,
        trace_id=facts.insights.trace.trace_id,
        duration_ns=str(facts.insights.trace.duration_ns),
        down_ns=str(facts.down_ns),
        explained_ns=str(facts.explained_ns),
        findings=[finding.code for finding in facts.insights.findings],
        broken_promises=list(broken_promises(facts)),
        next=[{"what": what, "command": command} for what, command in commands],
    )


def _executions(facts: Facts) -> list[Document]:
    return [
        {
            "tool": one.tool,
            "declared": one.declared,
            "began": one.began,
            "ended": one.ended,
            "failed": one.failed,
            "journal": one.journal,
        }
        for one in facts.executions
    ]
