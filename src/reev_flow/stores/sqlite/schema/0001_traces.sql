-- Traces in chunks of spans, and a line about each trace.
-- A chunk says everything that is said about it: a line that is damaged or gone is made again from the chunks of its trace.

CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    store_id BLOB NOT NULL,          -- tells this database from another one put in its place
    commit_number INTEGER NOT NULL   -- every commit adds one; compared with the high-water mark beside the database
) STRICT;
INSERT INTO store VALUES (1, randomblob(16), 0);

CREATE TABLE traces (
    trace BLOB PRIMARY KEY,          -- the 16 bytes of its id
    chunks INTEGER NOT NULL,
    spans INTEGER NOT NULL,
    start_ns INTEGER NOT NULL,
    end_ns INTEGER NOT NULL,
    added_ns INTEGER NOT NULL,       -- when a chunk was last added, by the store's clock
    named_ns INTEGER NOT NULL,       -- the start of the chunk that service and root were taken from
    service TEXT NOT NULL,
    root TEXT NOT NULL,
    has_root INTEGER NOT NULL,
    begun INTEGER NOT NULL,          -- spans without an end that chunks tell of, also those whose end another one tells
    conversations TEXT NOT NULL,     -- some of those that its spans name, as JSON
    digest BLOB NOT NULL             -- of everything in this row
) STRICT, WITHOUT ROWID;
CREATE INDEX traces_by_start ON traces (start_ns);
CREATE INDEX traces_by_age ON traces (added_ns);

CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    trace BLOB NOT NULL,
    number INTEGER NOT NULL,         -- counts from 1 within the trace
    spans INTEGER NOT NULL,
    start_ns INTEGER NOT NULL,
    end_ns INTEGER NOT NULL,
    added_ns INTEGER NOT NULL,
    service TEXT NOT NULL,
    root TEXT NOT NULL,
    has_root INTEGER NOT NULL,
    begun BLOB NOT NULL,             -- ids, 8 bytes each, of the spans without an end
    ended BLOB NOT NULL,             -- and of the others
    conversations TEXT NOT NULL,
    identity BLOB NOT NULL,          -- digest of the spans' bytes before they were compressed
    digest BLOB NOT NULL,            -- of everything in this row but its id
    data BLOB NOT NULL               -- OTLP TracesData, made small
) STRICT;
CREATE UNIQUE INDEX chunks_of_trace ON chunks (trace, identity);

CREATE TABLE conversations (         -- finds traces; what their chunks name is the truth
    conversation TEXT NOT NULL,
    trace BLOB NOT NULL,
    PRIMARY KEY (conversation, trace)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversations_of_trace ON conversations (trace);
