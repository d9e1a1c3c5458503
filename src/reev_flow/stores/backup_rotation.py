"""Which copies are worth their room: the newest, and a few that were made before damage may have crept in."""

from collections.abc import Iterable, Sequence

from reev_flow.sessions.backups import Backup

SECOND_NS = 1_000_000_000
NEWEST = 3
PERIODS_NS = (3_600 * SECOND_NS, 86_400 * SECOND_NS, 7 * 86_400 * SECOND_NS)
KEPT_OF_EACH = 2
MOST_KEPT = NEWEST + len(PERIODS_NS) * KEPT_OF_EACH


def worth_keeping(newest_first: Sequence[Backup]) -> list[Backup]:
    """The three newest, and the first one of the latest two hours, days and weeks that have any; so one is there that is at least an hour,
    a day, a week old, if there ever was. In the same order.
    """
    wanted = set(newest_first[:NEWEST])
    for period_ns in PERIODS_NS:
        wanted |= _first_of_each(newest_first, period_ns)
    return [backup for backup in newest_first if backup in wanted]


def _first_of_each(newest_first: Iterable[Backup], period_ns: int) -> set[Backup]:
    """Of the last one of a period nobody knows yet that it is; and where one period ends and the next begins, it is hardly older."""
    first: dict[int, Backup] = {}
    for backup in newest_first:
        first[backup.made_ns // period_ns] = backup  # a key keeps the place of its newest
    return set(list(first.values())[:KEPT_OF_EACH])
