"""Sessions as rows of two tables, each with a digest of its own."""

from collections.abc import Iterable, Sequence

import msgspec

from reev_flow.errors import SessionCorruption
from reev_flow.sessions.data import Interruption, Message, SessionData
from reev_flow.sessions.journal import GENESIS, ChainedEntry, JournalEntry, chain_of
from reev_flow.sessions.state import SessionState
from reev_flow.stores.rules import Kept, over_ns, refuse_newer
from reev_flow.stores.sqlite.digests import Row, Value, digest_of
from reev_flow.stores.sqlite.progress import PROGRESS_COLUMNS, read_progress

SESSION_COLUMNS = (
    *("session_id", "flow", "trace_id", "created_ns", "is_named"),  # set once
    *("state", "over_ns"),  # indexed: set apart when they change, so that other writes leave the indexes alone
    *("schema_version", "updated_ns", "ended_ns", "deadline_ns", "interruption", "restored_from"),
    *(
        "epoch",
        "entries",
        "chain",
        "last_entry",
    ),  # with updated_ns as of when this row was written: since then see progress
    *("worker", "expires_ns", "heard_ns", "former_heard_ns", "messages", "messages_chain", "digest"),
)
CONTENTS_COLUMNS = ("session_id", "entry_point", "plan_digest", "definition", "arguments", "result", "error", "digest")
TEXTS = frozenset({"session_id", "flow", "trace_id", "state", "restored_from", "worker", "entry_point", "error"})
FORK_OF = "fork of "
FIRST_CHANGING = SESSION_COLUMNS.index("state")
FIRST_CHANGING_OFTEN = SESSION_COLUMNS.index("schema_version")
PROGRESS = 1 + len(SESSION_COLUMNS)  # where it begins in what is read
CONTENTS = PROGRESS + len(PROGRESS_COLUMNS)

_encoder = msgspec.msgpack.Encoder()
_interruption = msgspec.msgpack.Decoder(Interruption)
_entry = msgspec.msgpack.Decoder(JournalEntry)
_message = msgspec.msgpack.Decoder(Message)


def selected(table: str, columns: Sequence[str]) -> str:
    """For SELECT. Texts are read as bytes: one damaged text must not end the reading of all the others."""
    return ", ".join(f"CAST({table}.{name} AS BLOB)" if name in TEXTS else f"{table}.{name}" for name in columns)


class Stored(msgspec.Struct, frozen=True):
    """What is kept of a session, the row it is in, the row of its last entry, and the digests of its record and of its
    contents; `seal` is the one that stands for all of it.
    """

    row: int
    last_entry: int
    kept: Kept
    beside: bytes = b""
    seal: bytes = b""


def session_row(kept: Kept, last_entry: int) -> Row:
    session = kept.session
    columns = (
        session.session_id,
        session.flow,
        session.trace_id,
        session.created_ns,
        int(session.is_named),
        session.state.value,
        over_ns(session),
        session.schema_version,
        session.updated_ns,
        session.ended_ns,
        session.deadline_ns,
        b"" if session.interruption is None else _encoder.encode(session.interruption),
        _origin_of(session),
        session.epoch,
        session.entries,
        session.chain,
        last_entry,
        kept.worker,
        kept.expires_ns,
        kept.heard_ns,
        kept.former_heard_ns,
        kept.messages,
        kept.messages_chain,
    )
    return (*columns, digest_of(columns))


def contents_row(session: SessionData) -> Row:
    columns = (session.session_id, *contents_of(session))
    return (*columns, digest_of(columns))


def contents_of(session: SessionData) -> tuple[Value, ...]:
    return session.entry_point, session.digest, session.definition, session.arguments, session.result, session.error


def read_stored(name: str, row: Row) -> Stored:
    """From the row's number, the session's columns, how far it has come, and the contents' columns. `name` is the id it was looked up by;
    texts come as bytes.
    """
    session, progress, contents = row[1:PROGRESS], row[PROGRESS:CONTENTS], row[CONTENTS:]
    schema_version = session[FIRST_CHANGING_OFTEN]
    if isinstance(schema_version, int):
        refuse_newer(name, schema_version)
    record = dict(zip(SESSION_COLUMNS, _verified(name, "its record", SESSION_COLUMNS, session), strict=True))
    holds = dict(zip(CONTENTS_COLUMNS, _verified(name, "what it holds", CONTENTS_COLUMNS, contents), strict=True))
    beside = record["digest"] + holds["digest"]
    record |= read_progress(row[0], beside, record, progress)
    return Stored(row[0], record["last_entry"], _kept(record, holds), beside, progress[-1])


def read_record_name(row: Row) -> str:
    """Whose record this is, from the session's columns. Raises `SessionCorruption` when it is not what was written."""
    name = row[0].decode("utf-8", "backslashreplace") if isinstance(row[0], bytes) else str(row[0])
    return str(_verified(name, "its record", SESSION_COLUMNS, row)[0])


def _verified(name: str, what: str, columns: Sequence[str], row: Row) -> Row:
    try:
        read = tuple(_as_text(value) if column in TEXTS else value for column, value in zip(columns, row, strict=True))
    except UnicodeDecodeError:
        read = ()
    if not read or read[0] != name or read[-1] != digest_of(read[:-1]):
        raise SessionCorruption(name, f"{what} is not what was written")
    return read


def _as_text(value: Value) -> Value:
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _kept(session: dict[str, Value], contents: dict[str, Value]) -> Kept:
    interruption = session["interruption"]
    fields = {
        **session,
        "is_named": bool(session["is_named"]),
        "state": SessionState(session["state"]),
        **_read_origin(session["restored_from"]),
        "interruption": _interruption.decode(interruption) if interruption else None,
        **contents,
        "digest": contents["plan_digest"],
    }
    data = SessionData(**{name: fields[name] for name in SessionData.__struct_fields__})
    return Kept(session=data, **{name: session[name] for name in Kept.__struct_fields__ if name != "session"})


def _origin_of(session: SessionData) -> str:
    """One column for both, of which few sessions have any: the backup alone for what is no fork."""
    return f"{FORK_OF}{session.forked_from}\n{session.restored_from}" if session.forked_from else session.restored_from


def _read_origin(text: str) -> dict[str, str]:
    fork, _, backup = text.rpartition("\n") if text.startswith(FORK_OF) else ("", "", text)
    return {"restored_from": backup, "forked_from": fork.removeprefix(FORK_OF)}


def read_entries(session: SessionData, rows: Iterable[tuple[int, bytes, bytes]]) -> tuple[JournalEntry, ...]:
    """By number. Every link of the chain is checked, and that nothing is missing at its end."""
    chain = GENESIS
    entries: list[JournalEntry] = []
    for number, bare, stored in rows:
        chain = chain_of(chain, session.session_id, bare) if isinstance(bare, bytes) else b""
        if number != len(entries) + 1 or chain != stored:
            raise SessionCorruption(
                session.session_id, f"entry {len(entries) + 1} of its journal is not what was written"
            )
        entries.append(msgspec.structs.replace(_entry.decode(bare), chain=chain))
    if (len(entries), chain) != (session.entries, session.chain):
        raise SessionCorruption(session.session_id, f"its journal has {len(entries)} of {session.entries} entries")
    return tuple(entries)


def read_messages(kept: Kept, rows: Iterable[tuple[int, bytes]]) -> tuple[Message, ...]:
    """In the order in which they were sent."""
    chain = GENESIS
    encoded: list[bytes] = []
    for number, message in rows:
        encoded.append(message)
        is_next = number == len(encoded) and isinstance(message, bytes)
        chain = chain_of(chain, kept.session.session_id, message) if is_next else b""
    if (len(encoded), chain) != (kept.messages, kept.messages_chain):
        raise SessionCorruption(kept.session.session_id, "the messages put to it are not those that were sent")
    return tuple(_message.decode(message) for message in encoded)


def journal_row(row: int, session: int, previous: int, entry: ChainedEntry) -> Row:
    return row, session, previous, entry.number, entry.bare, entry.chain
