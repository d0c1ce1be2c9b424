"""Reconciliation: what the counters say against what the rows say.

Commits change rows and counters together, so drift is constant and may be corrected later, once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.campaigns.campaign import COUNT_NAMES, EVERYONE, Counts
from crm.delivery.log import LogRow
from crm.delivery.row_changes import movement

Tally = Mapping[int, Mapping[str, Counts]]
"""Counts by shard, then by group: "all" and each cohort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSnapshot:
    """A campaign's counters at one read time."""

    counters: Tally
    at: Any
    """The store's read time: rows can be read as of the same time."""
    etag: Any
    """Version of the last correction, so that of two corrections made from one snapshot one is applied."""

    @property
    def total(self) -> Counts:
        return total(self.counters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """A recount of all rows as of one snapshot, under way."""

    snapshot: CounterSnapshot
    began_at: datetime
    after: str | None = None
    """The last message id that was counted."""
    tally: Tally = field(default_factory=dict)
    """The rows up to `after`."""


def total(tally: Tally) -> Counts:
    """The counts of the group "all" over all shards."""
    return sum((groups.get(EVERYONE, Counts()) for groups in tally.values()), Counts())


def add_rows(tally: dict[int, dict[str, Counts]], rows: Iterable[LogRow]) -> None:
    """Count rows into `tally`."""
    for row in rows:
        counted = movement(None, row)
        groups = tally.setdefault(row.shard, {})
        for group in (EVERYONE, *row.cohorts):
            groups[group] = groups.get(group, Counts()) + counted


def difference(rows: Tally, counters: Tally) -> dict[int, dict[str, Counts]]:
    """What has to be added to the counters, by shard and group; empty where they agree with the rows."""
    found: dict[int, dict[str, Counts]] = {}
    for shard in rows.keys() | counters.keys():
        counted, stored = rows.get(shard, {}), counters.get(shard, {})
        missing = {
            group: counted.get(group, Counts()) - stored.get(group, Counts())
            for group in counted.keys() | stored.keys()
        }
        missing = {group: counts for group, counts in missing.items() if counts != Counts()}
        if missing:
            found[shard] = missing
    return found


def drift(missing: Tally) -> int:
    """How far the counters are off: the sum of all differences, without their signs."""
    return sum(
        abs(getattr(counts, name))
        for groups in missing.values()
        for counts in groups.values()
        for name in COUNT_NAMES
    )
