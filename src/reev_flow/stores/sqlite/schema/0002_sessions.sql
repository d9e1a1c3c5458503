-- The ids of sessions that were forgotten, once more: what damage hides in one table is missed by the other.

CREATE TABLE forgotten_names (
    session_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO forgotten_names SELECT session_id FROM forgotten;
