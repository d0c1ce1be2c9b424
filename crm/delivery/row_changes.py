"""Changes of rows of the communication log, and how they move the counters."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from crm.campaigns.campaign import COUNT_NAMES, EVERYONE, Counts, RowStatus
from crm.delivery.log import LogRow


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row as it was read."""

    row: LogRow
    etag: object
    """The document's version; the store checks it when the row is changed."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row as it was read, and what it becomes."""

    seen: SeenRow
    after: LogRow


def movement(before: LogRow | None, after: LogRow) -> Counts:
    """What a change of a row does to the counts: the old status goes down, the new one up.

    Opens and clicks count only while the message is delivered.
    """
    deltas = dict.fromkeys(COUNT_NAMES, 0)
    for row, sign in ((before, -1), (after, 1)):
        if row is not None and row.status != "retried":
            deltas[row.status] += sign
            if row.status == "delivered":
                deltas["opened"] += sign * (row.opened_at is not None)
                deltas["clicked"] += sign * (row.clicked_at is not None)
    return Counts(**deltas)


def movements(changes: Iterable[RowChange]) -> dict[tuple[str, int], dict[str, Counts]]:
    """What `changes` do to the counters: by campaign and shard, then by group ("all" and each cohort)."""
    alike: dict[object, list[RowChange]] = defaultdict(list)
    for change in changes:
        after = change.after
        place = after.campaign_id, after.shard, after.cohorts
        alike[place, _counted(change.seen.row), _counted(after)].append(change)
    sums: dict[tuple[str, int], dict[str, Counts]] = defaultdict(dict)
    for change, *others in alike.values():
        moved = movement(change.seen.row, change.after) * (1 + len(others))
        if moved == Counts():
            continue
        groups = sums[change.after.campaign_id, change.after.shard]
        for group in (EVERYONE, *change.after.cohorts):
            groups[group] = groups.get(group, Counts()) + moved
    return dict(sums)


def tallied(rows: Iterable[LogRow]) -> dict[str, Counts]:
    """What new rows add to the counters, by group: "all" and each cohort."""
    alike: dict[object, list[LogRow]] = defaultdict(list)
    for row in rows:
        alike[_counted(row), row.cohorts].append(row)
    groups: dict[str, Counts] = {}
    for row, *others in alike.values():
        added = movement(None, row) * (1 + len(others))
        for group in (EVERYONE, *row.cohorts):
            groups[group] = groups.get(group, Counts()) + added
    return groups


def campaigns_with_fewer_unknown(changes: Iterable[RowChange]) -> set[str]:
    """The ids of campaigns in which a message is no longer unknown."""
    return {
        change.after.campaign_id
        for change in changes
        if change.seen.row.status == "unknown" and change.after.status != "unknown"
    }


def _counted(row: LogRow) -> tuple[RowStatus, bool, bool]:
    """All that `movement` reads of a row: rows alike in this are counted together, which is much faster."""
    return row.status, row.opened_at is not None, row.clicked_at is not None
