"""The story of the demo as it is told on a terminal, from what is known of it."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from reev_flow.cli.demo_facts import Executions, Facts
from reev_flow.cli.demo_flow import ASK, RERUN
from reev_flow.cli.demo_place import Place
from reev_flow.cli.demo_process import Ended
from reev_flow.cli.tables import safe_text, table
from reev_flow.render.terminal import terminal_text
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import heading, page, shown
from reev_flow.sessions.identity import parse_identity
from reev_flow.sessions.journal import EntryKind, JournalEntry
from reev_flow.sessions.records import Change, read_record
from reev_flow.trace.durations import told_duration
from reev_flow.trace.run import Outcome
from reev_flow.values.shown import shown as plain

ENTRIES_SHOWN = 5
JOURNAL_HEAD = ("no", "process", "what", "step")
TALLY_HEAD = ("tool", "began", "ended", "in the journal")

INTRODUCTION = (
    "An agent looks through the files of this very package. Its tools are real, and so are the times. A scripted chooser stands where a "
    "model would choose the next tool; it makes two mistakes on purpose, as models do: it has a file parsed that is not Python, and it "
    "asks the same thing twice."
)


def told_beginning(session_id: str, place: Place, options: TerminalOptions) -> str:
    why = " (the current folder cannot be written)" if place.is_temporary else ""
    where = f"Session {session_id}. Whatever it leaves is written below {place.store}{why}."
    return _paragraph(INTRODUCTION, options) + _paragraph(where, options)


def told_start(process: int, tool: str, options: TerminalOptions) -> str:
    return _heading(f"1. Process {process} runs the flow, until {tool} is at work", options)


def told_kill(killed: Ended, tool: str, before: Sequence[JournalEntry], options: TerminalOptions) -> str:
    how = f"was sent {killed.signal}" if killed.signal else "was ended from outside, without a warning,"
    text = (
        f"Process {killed.process} {how} in the middle of {tool}; its exit code is {killed.exit_code}. "
        f"The journal that it left has {len(before)} entries, the last of them:"
    )
    return _paragraph(text, options) + journal_text(before[-ENTRIES_SHOWN:], (killed.process,), options)


def told_resumption(process: int, options: TerminalOptions) -> str:
    return _heading(f"2. Process {process} goes on with the session", options)


def told_end(facts: Facts, options: TerminalOptions) -> str:
    count = len(facts.before)
    kept = f"the first {count} are as they were" if facts.is_continued else f"the first {count} are NOT as they were"
    text = (
        f"Its exit code is {facts.resumed.exit_code}. The journal has {len(facts.after)} entries: {kept}, and new are:"
    )
    entries = journal_text(facts.after[count:], (facts.killed.process, facts.resumed.process), options)
    return _paragraph(text, options) + entries


def told_executions(facts: Facts, options: TerminalOptions) -> str:
    """What really ran, beside what the journal says of it."""
    rows = [(one.tool, str(one.began), str(one.ended + one.failed), _told_outcomes(one)) for one in facts.executions]
    head = _heading("3. What really ran: the tools wrote it down, outside of the journal", options)
    meanings = "".join(_paragraph(text, options) for text in _meanings(facts))
    return f"{head}{table(TALLY_HEAD, rows, options, numbers={'began', 'ended'})}{meanings}"


def told_analysis(facts: Facts, options: TerminalOptions) -> str:
    """What the trace tells of both processes, from the answer to the diagram."""
    head = "The same run as a diagram; paste it into a ```mermaid block of a pull request:"
    return "\n".join(
        [
            _heading("4. What happened, as one trace tells of both processes", options)
            + _paragraph(f"The answer: {plain(facts.session.result)}", options),
            terminal_text(facts.insights, options),
            _paragraph(head, options),
            facts.insights.diagram,
        ]
    )


def told_next(commands: Sequence[tuple[str, str]], options: TerminalOptions) -> str:
    """Each command on a line of its own, whole, so that it can be copied."""
    lines = [line for what, command in commands for line in (f"{what}:", f"  {command}")]
    return _heading("5. To look further", options) + "".join(f"{safe_text(line, options)}\n" for line in lines)


def journal_text(entries: Sequence[JournalEntry], processes: Sequence[int], options: TerminalOptions) -> str:
    """`processes` are those that had the session, in order."""
    rows = [(str(entry.number), str(processes[entry.epoch - 1]), *_told_entry(entry)) for entry in entries]
    return table(JOURNAL_HEAD, rows, options, numbers={"no", "process"})


def _told_entry(entry: JournalEntry) -> tuple[str, str]:
    if entry.kind is EntryKind.STATE:
        change = read_record(entry)
        return (change.state.value if isinstance(change, Change) else "", "(the session)")
    again = f", try {entry.attempt}" if entry.attempt > 1 else ""
    return entry.kind.value, f"{parse_identity(entry.step).name}{again}"


def _told_outcomes(one: Executions) -> str:
    counts = {outcome: one.journal.count(outcome) for outcome in one.journal}
    told = ", ".join(f"{count} {outcome}" if count > 1 else outcome for outcome, count in counts.items())
    return told if one.is_told_alike else f"DIFFERS: {told}"


def _meanings(facts: Facts) -> Iterator[str]:
    for one in facts.executions:
        if one.declared == RERUN and Outcome.INTERRUPTED in one.journal:
            yield f"{one.tool} only looks and is declared {RERUN!r}: caught in the middle, it ran again."
        if one.declared == ASK:
            yield (
                f"{one.tool} changes something outside and is declared {ASK!r}, so it never runs again unasked: it ran {one.began} times, "
                f"and the report has {len(facts.sections)} sections ({', '.join(facts.sections)})."
            )
    trace = facts.insights.trace
    yield (
        f"One trace, {trace.trace_id}, holds what both processes did. It took {told_duration(trace.duration_ns)}, "
        f"{told_duration(facts.down_ns)} of them without a process; {facts.explained_ns:,} of its {trace.duration_ns:,} ns are explained."
    )


def _heading(text: str, options: TerminalOptions) -> str:
    return page(heading(shown(text, options)), options)


def _paragraph(text: str, options: TerminalOptions) -> str:
    return page([Text(shown(text, options))], options)
