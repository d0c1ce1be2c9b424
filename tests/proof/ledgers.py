"""Receipts, counters and what the tick stores of each campaign, in memory."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crm.campaigns.campaign import EVERYONE, ROW_STATUSES, Campaign, Counts, RowStatus
from crm.delivery.chunk import Chunk
from crm.delivery.log import LogRow
from crm.delivery.receipts import Receipt
from crm.delivery.row_changes import RowChange, SeenRow, campaigns_with_fewer_unknown
from crm.delivery.unmatched_receipts import Quarantined, UnmatchedReceipts
from crm.supervision.progress import Progress
from crm.supervision.reconciliation import CounterSnapshot, Recount, Tally
from tests.proof.memory import Database, Store, Unmatched
from tests.proof.stage import asked, away, conflict

PAGE = 2
"""Rows, or chunks, of one read of the reconciliation."""


class Receipts(Store):
    """`ReceiptStore`."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database)
        self._now = now

    @asked(away)
    def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        return self.db.seen(message_ids)

    @asked(away)
    def unmatched(self, message_ids: Sequence[str]) -> Sequence[UnmatchedReceipts]:
        found = {name: self.db.unmatched[name] for name in message_ids if name in self.db.unmatched}
        return [
            UnmatchedReceipts(
                message_id=name,
                receipts=kept.value.receipts,
                since=kept.value.since,
                quarantined=kept.value.quarantined,
                etag=kept.version,
            )
            for name, kept in found.items()
        ]

    @asked(away)
    def waiting(self, limit: int) -> Sequence[str]:
        return [name for name, kept in self.db.unmatched.items() if not kept.value.quarantined][:limit]

    @asked(away)
    def due_in_quarantine(self, now: datetime, limit: int) -> Sequence[str]:
        due = {name: kept.value.retry_at for name, kept in self.db.unmatched.items()}
        return [name for name, retry_at in due.items() if retry_at is not None and retry_at <= now][:limit]

    @asked(conflict)
    def commit(
        self,
        changes: Sequence[RowChange] = (),
        unmatched: Sequence[Receipt] = (),
        joined: Sequence[UnmatchedReceipts] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> None:
        for change in changes:
            self.db.rows.require(change.after.message_id, change.seen.etag)
        for entry in (*joined, *(each.entry for each in quarantined)):
            self.db.unmatched.require(entry.message_id, entry.etag)
        self.db.change_rows(changes)
        for campaign_id in campaigns_with_fewer_unknown(changes):
            self.db.reopen(campaign_id)
        for receipt in unmatched:
            name = receipt.message_id
            foreign = re.fullmatch("[0-9a-f]{32}", name) is None
            stored = self.db.unmatched.get(name)
            kept = stored.value if stored else Unmatched(receipts=(), quarantined=foreign, since=self._now())
            texts = dict.fromkeys((*kept.receipts, receipt))
            self.db.put(
                self.db.unmatched,
                name,
                replace(kept, receipts=tuple(texts), quarantined=foreign, retry_at=None),
            )
        for entry in joined:
            del self.db.unmatched[entry.message_id]
        for each in quarantined:
            name = each.entry.message_id
            kept = replace(self.db.unmatched[name].value, quarantined=True, retry_at=each.retry_at)
            self.db.put(self.db.unmatched, name, kept)
        self.db.committed()


class Counters(Store):
    """`CampaignCounts`."""

    @asked(away)
    def by_group(self, campaigns: Sequence[Campaign]) -> Mapping[str, Mapping[str, Counts]]:
        totals: dict[str, dict[str, Counts]] = {c.campaign_id: {EVERYONE: Counts()} for c in campaigns}
        for campaign in campaigns:
            shards = self.db.counters.get(campaign.campaign_id, {})
            for number in range(campaign.shards):
                for group, counts in shards.get(number, {}).items():
                    groups = totals[campaign.campaign_id]
                    groups[group] = groups.get(group, Counts()) + counts
        return totals


class CounterSnapshots(Store):
    """`CountStore`. The read time of a snapshot is a copy of all rows and chunks."""

    @asked(away)
    def snapshot(self, campaign: Campaign) -> CounterSnapshot:
        shards = self.db.counters.get(campaign.campaign_id, {})
        counters = {n: dict(shards[n]) for n in range(campaign.shards) if n in shards}
        corrected = self.db.corrected.get(campaign.campaign_id)
        at = sorted(self.db.rows.items()), sorted(self.db.chunks.items())
        return CounterSnapshot(counters=counters, at=at, etag=corrected and corrected.version)

    @asked(away)
    def row_counts(self, campaign_id: str, snapshot: CounterSnapshot) -> Mapping[RowStatus, int]:
        statuses = Counter(s.value.status for _, s in snapshot.at[0] if s.value.campaign_id == campaign_id)
        return {status: statuses[status] for status in ROW_STATUSES}

    @asked(away)
    def rows(self, campaign_id: str, snapshot: CounterSnapshot, after: str | None = None) -> Sequence[LogRow]:
        rows = [stored.value for name, stored in snapshot.at[0] if after is None or name > after]
        return [row for row in rows if row.campaign_id == campaign_id][:PAGE]

    @asked(away)
    def pending_chunks(
        self, campaign_id: str, snapshot: CounterSnapshot, after: str | None = None
    ) -> Sequence[Chunk]:
        chunks = [stored.value.chunk for _, stored in snapshot.at[1]]
        found = [c for c in chunks if c.campaign_id == campaign_id and c.state == "pending"]
        return [chunk for chunk in found if after is None or chunk.chunk_id > after][:PAGE]

    @asked(conflict)
    def apply_correction(
        self, campaign_id: str, snapshot: CounterSnapshot, missing: Tally, now: datetime
    ) -> None:
        self.db.corrected.require(campaign_id, snapshot.etag)
        for shard, groups in missing.items():
            self.db.count(campaign_id, shard, groups)
        self.db.put(self.db.corrected, campaign_id, self.db.commits + 1)
        self.db.committed()

    @asked(away)
    def recount(self, campaign_id: str) -> Recount | None:
        return self.db.recounts.get(campaign_id)

    @asked(away)
    def save_recount(self, campaign_id: str, recount: Recount | None) -> None:
        if recount is None:
            self.db.recounts.pop(campaign_id, None)
        else:
            self.db.recounts[campaign_id] = recount


class ProgressTable(Store):
    """`ProgressStore`."""

    @asked(away)
    def of_campaigns(self, campaign_ids: Sequence[str]) -> Mapping[str, Progress]:
        known = self.db.progress
        return {name: known[name].value for name in campaign_ids if name in known}

    @asked(away)
    def save(self, campaign_id: str, progress: Progress) -> None:
        self.db.put(self.db.progress, campaign_id, progress)
        self.db.committed()
