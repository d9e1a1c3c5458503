-- Sessions, what they hold, their journals and their messages, and the ids of those that were forgotten.
-- What changes with every step (sessions) stands apart from what is large and rarely changes (contents), so that a step writes little.
-- Both carry the session's id: what damage hides in one of them is missed by the other.

CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    store_id BLOB NOT NULL,          -- tells this database from another one put in its place
    commit_number INTEGER NOT NULL   -- every commit adds one; compared with the high-water mark beside the database
) STRICT;
INSERT INTO store VALUES (1, randomblob(16), 0);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE,
    flow TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    is_named INTEGER NOT NULL,       -- 0 when nobody chose the id
    schema_version INTEGER NOT NULL,
    state TEXT NOT NULL,
    over_ns INTEGER,                 -- when it ended; NULL while it goes on
    updated_ns INTEGER NOT NULL,
    ended_ns INTEGER,
    deadline_ns INTEGER,
    interruption BLOB NOT NULL,
    restored_from TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    chain BLOB NOT NULL,
    last_entry INTEGER NOT NULL,     -- journal.id, 0 when there is none
    worker TEXT NOT NULL,            -- who has the lease, '' for nobody
    expires_ns INTEGER NOT NULL,
    heard_ns INTEGER NOT NULL,       -- when it was claimed, renewed or released
    former_heard_ns INTEGER NOT NULL, -- and when the one before it was
    messages INTEGER NOT NULL,
    messages_chain BLOB NOT NULL,
    digest BLOB NOT NULL             -- of everything in this row but its id
) STRICT;
CREATE INDEX sessions_by_age ON sessions (created_ns);
CREATE INDEX sessions_by_trace ON sessions (trace_id);
CREATE INDEX sessions_going_on ON sessions (created_ns) WHERE over_ns IS NULL;
CREATE INDEX sessions_over ON sessions (over_ns) WHERE over_ns IS NOT NULL;

CREATE TABLE contents (
    id INTEGER PRIMARY KEY,          -- that of the session
    session_id TEXT NOT NULL UNIQUE,
    entry_point TEXT NOT NULL,
    plan_digest BLOB NOT NULL,
    definition BLOB NOT NULL,
    arguments BLOB NOT NULL,
    result BLOB NOT NULL,
    error TEXT NOT NULL,
    digest BLOB NOT NULL             -- of everything in this row but its id
) STRICT;

-- Entries of all sessions one after the other, so that a hundred sessions' steps fill few pages. They are found from the last one
-- backwards: an index would cost a step one more page.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,        -- sessions.id
    previous INTEGER NOT NULL,       -- journal.id of the session's entry before this one, 0 for the first
    number INTEGER NOT NULL,
    entry BLOB NOT NULL,             -- the bytes that the chain is computed from
    chain BLOB NOT NULL
) STRICT;

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,        -- sessions.id
    number INTEGER NOT NULL,
    message BLOB NOT NULL            -- the bytes that the chain in sessions is computed from
) STRICT;
CREATE UNIQUE INDEX messages_of_session ON messages (session, number);

-- What remains of sessions with chosen ids when they are forgotten, so that none of them is run again unasked.
CREATE TABLE forgotten (
    session_id TEXT PRIMARY KEY,
    flow TEXT NOT NULL,
    state TEXT NOT NULL,
    ended_ns INTEGER NOT NULL,
    forgotten_ns INTEGER NOT NULL,
    digest BLOB NOT NULL             -- of everything in this row
) STRICT, WITHOUT ROWID;
