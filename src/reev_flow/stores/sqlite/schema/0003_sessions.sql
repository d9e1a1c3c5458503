-- How far each session has come. Only this changes with an ordinary step; what sessions says of it is as it was when that row was last written.

CREATE TABLE progress (
    id INTEGER PRIMARY KEY,          -- that of the session
    updated_ns INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    chain BLOB NOT NULL,
    last_entry INTEGER NOT NULL,     -- journal.id, 0 when there is none
    digest BLOB NOT NULL             -- of everything in this row and the digests of record and contents; empty when it is from before there was this table, and as sessions says
) STRICT;
INSERT INTO progress SELECT id, updated_ns, entries, chain, last_entry, x'' FROM sessions;
