"""Reconciliation: what the rows say against what the counters say, and whether anything still moves.

Every commit moves rows and counters together, so it leaves their difference as it is. A difference that was
found at one moment may therefore be added to the counters at any later one; only never twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crm.campaigns.campaign import COUNT_NAMES, EVERYONE, Counts, Stats
from crm.delivery.log import LogRow
from crm.delivery.receipts import movement

Tally = Mapping[int, Mapping[str, Counts]]
"""Counts by shard, then by group: "all" and each cohort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSnapshot:
    """A campaign's counters at one moment. `at` names that moment to the store, so that rows of the same one
    can be read; `etag` lets a correction that was made from here be applied once."""

    counters: Tally
    at: Any
    etag: Any

    @property
    def total(self) -> Counts:
        return total(self.counters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """A counting of all rows as of one moment, under way since `began_at`: those up to the message id `after`
    are in `tally`."""

    moment: CounterSnapshot
    began_at: datetime
    after: str | None = None
    tally: Tally = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the tick last saw of a campaign: since when `pending` and `accepted` are what they are, whether
    that was reported as a stall, and when the counters were last held against the rows.

    `failed`, `handed` (to the vendor) and `outcomes` (delivered or failed) are the counts when the failures
    were last judged.
    """

    pending: int
    accepted: int
    since: datetime
    alarmed: bool = False
    checked_at: datetime | None = None
    recounting: bool = False
    failed: int = 0
    handed: int = 0
    outcomes: int = 0


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
    """What the counters lack, by shard and group; empty where they agree with the rows."""
    found: dict[int, dict[str, Counts]] = {}
    for shard in rows.keys() | counters.keys():
        counted, said = rows.get(shard, {}), counters.get(shard, {})
        lacking = {
            group: counted.get(group, Counts()) - said.get(group, Counts())
            for group in counted.keys() | said.keys()
        }
        lacking = {group: counts for group, counts in lacking.items() if counts != Counts()}
        if lacking:
            found[shard] = lacking
    return found


def drift(lacking: Tally) -> int:
    """How far the counters were off: the sum of all corrections, without their signs."""
    return sum(
        abs(getattr(counts, name))
        for groups in lacking.values()
        for counts in groups.values()
        for name in COUNT_NAMES
    )


def seen(before: Progress | None, stats: Stats, now: datetime) -> Progress:
    """The progress after another look."""
    pending, accepted = stats.pending, stats.counts.accepted
    if before is None:
        return Progress(pending=pending, accepted=accepted, since=now)
    if (before.pending, before.accepted) == (pending, accepted):
        return before
    return replace(before, pending=pending, accepted=accepted, since=now, alarmed=False)


def judged(before: Progress, stats: Stats) -> Progress:
    """The progress once the failures up to now are judged."""
    counts = stats.counts
    outcomes = counts.delivered + counts.failed
    handed = counts.accepted + outcomes + counts.unknown
    return replace(before, failed=counts.failed, handed=handed, outcomes=outcomes)
