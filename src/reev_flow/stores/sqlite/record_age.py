"""Whether the records of sessions are as new as what is kept apart from them: each may be sound and of another moment."""

import apsw

from reev_flow.stores.sqlite.loading import name_of

MOST_NAMED = 5
BEHIND = """
SELECT CAST(s.session_id AS BLOB) FROM sessions s JOIN progress p ON p.id = s.id
JOIN (SELECT session, max(number) AS newest FROM journal GROUP BY session) j ON j.session = s.id
WHERE j.newest > p.entries
"""


def told_of_old_records(connection: apsw.Connection) -> str:
    """Empty when none is known to be. A disk that keeps an older version of a page says nothing, and nothing in that page is wrong."""
    behind = [name_of(row[0]) for row in connection.execute(BEHIND)]
    if not behind:
        return ""
    named = ", ".join(behind[:MOST_NAMED])
    return f"{len(behind):,} sessions ended earlier in their records than in the journal ({named})"
