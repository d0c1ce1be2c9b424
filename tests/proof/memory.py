"""Delivery's stores in memory, as strict as those in Firestore: versions, create once, all or nothing.

Every effect happens in one step. What may happen around it is `tests.proof.stage`'s business.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from crm.access.audit_events import AuditEvent
from crm.campaigns.campaign import Campaign, CampaignStatus, Counts
from crm.campaigns.frozen_list import FrozenList
from crm.campaigns.lifecycle import REOPENED_BY_RECEIPTS, Action, Actor, next_status
from crm.campaigns.store import campaigns as campaign_documents
from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.delivery.chunk import Chunk, Claim, Throttled
from crm.delivery.freezing import FrozenPartition
from crm.delivery.log import LogRow
from crm.delivery.receipts import Receipt
from crm.delivery.row_changes import RowChange, SeenRow, movements, tallied
from crm.kernel.errors import Conflict, NotFound
from crm.supervision.progress import Progress
from crm.supervision.reconciliation import Recount
from tests.proof.stage import asked, away, conflict, worker

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """A document and the commit that changed it last."""

    value: T
    version: int


class Table(dict[str, Stored[T]]):
    """Documents by name."""

    def require(self, name: str, version: object) -> None:
        """Raise Conflict unless the document is as it was in that version; None is for its absence."""
        stored = self.get(name)
        if (None if stored is None else stored.version) != version:
            raise Conflict(f"{name} has changed")

    def values_of(self) -> Iterable[T]:
        return (stored.value for stored in self.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A chunk's document."""

    chunk: Chunk
    due_at: datetime | None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHead:
    """A frozen list's own document."""

    campaign_id: str
    check_at: datetime
    state: str = "written"
    parts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """Receipts without a row."""

    receipts: tuple[Receipt, ...]
    quarantined: bool
    since: datetime
    retry_at: datetime | None = None


@dataclass
class Database:
    """All documents. `commits` counts the commits, a finer clock than seconds; `after_commit` is called after
    each.

    Chunks are named `campaign/chunk`, partitions `campaign/number`, parts of lists `list/number`. `launches`
    has the commits before and after each campaign's launch; `reopened` are the finished campaigns that the
    tick looks at again.
    """

    campaigns: Table[Campaign] = field(default_factory=Table)
    lists: Table[ListHead] = field(default_factory=Table)
    parts: Table[tuple[str, ...]] = field(default_factory=Table)
    launches: dict[str, tuple[int, int]] = field(default_factory=dict)
    partitions: Table[FrozenPartition] = field(default_factory=Table)
    chunks: Table[Work] = field(default_factory=Table)
    rows: Table[LogRow] = field(default_factory=Table)
    counters: dict[str, dict[int, dict[str, Counts]]] = field(default_factory=dict)
    unmatched: Table[Unmatched] = field(default_factory=Table)
    progress: Table[Progress] = field(default_factory=Table)
    corrected: Table[int] = field(default_factory=Table)
    recounts: dict[str, Recount] = field(default_factory=dict)
    events: list[AuditEvent] = field(default_factory=list)
    customers: Table[Customer] = field(default_factory=Table)
    orders: Table[Order] = field(default_factory=Table)
    reopened: set[str] = field(default_factory=set)
    commits: int = 0
    after_commit: Callable[[], None] = lambda: None

    def put(self, table: Table[T], name: str, value: T) -> None:
        """Store a value as of the next commit. An unchanged value keeps its version."""
        stored = table.get(name)
        if stored is None or stored.value != value:
            table[name] = Stored(value, self.commits + 1)

    def count(self, campaign_id: str, shard: int, groups: Mapping[str, Counts]) -> None:
        """Add to a counter shard."""
        counters = self.counters.setdefault(campaign_id, {}).setdefault(shard, {})
        for group, counts in groups.items():
            counters[group] = counters.get(group, Counts()) + counts

    def change_rows(self, changes: Sequence[RowChange]) -> None:
        """The part of a commit that moves rows and counters, their versions being checked."""
        for change in changes:
            self.put(self.rows, change.after.message_id, change.after)
        for (campaign_id, shard), groups in movements(changes).items():
            self.count(campaign_id, shard, groups)

    def reopen(self, campaign_id: str) -> None:
        """The part of a commit that reopens a finished campaign for the tick."""
        campaign = self.campaigns[campaign_id].value
        if campaign.status in REOPENED_BY_RECEIPTS:
            self.put(
                self.campaigns,
                campaign_id,
                replace(campaign, watch_ended=False, reopen_count=campaign.reopen_count + 1),
            )
            self.reopened.add(campaign_id)

    def committed(self) -> None:
        """The end of every commit."""
        self.commits += 1
        self.after_commit()

    def seen(self, message_ids: Sequence[str]) -> dict[str, SeenRow]:
        found = {name: self.rows[name] for name in message_ids if name in self.rows}
        return {name: SeenRow(stored.value, stored.version) for name, stored in found.items()}


class Store:
    """One view of the database."""

    def __init__(self, database: Database) -> None:
        self.db = database


class Campaigns(Store):
    """`CampaignStore`."""

    @asked(away)
    def get(self, campaign_id: str) -> Campaign:
        return self._campaign(campaign_id)

    @asked(away)
    def needs_tick(self) -> Sequence[Campaign]:
        return self.on_watch()

    def on_watch(self) -> Sequence[Campaign]:
        return [
            c
            for c in self.db.campaigns.values_of()
            if campaign_documents.encode(c)["needs_tick"] or c.campaign_id in self.db.reopened
        ]

    @asked(away)
    def to_sweep(self, now: datetime, limit: int) -> Sequence[Campaign]:
        due = [c for c in self.db.campaigns.values_of() if c.sweep_at is not None and c.sweep_at <= now]
        return due[:limit]

    @asked(conflict)
    def transition(
        self,
        /,
        campaign_id: str,
        action: Action,
        by: Actor,
        *,
        to: CampaignStatus | None = None,
        source: CampaignStatus | None = None,
        expected: Campaign | None = None,
        frozen: FrozenList | None = None,
        event: AuditEvent | None = None,
        **changes: Any,
    ) -> Campaign:
        campaign = self._campaign(campaign_id)
        status = next_status(campaign, action, by, to)
        if expected not in (None, campaign) or source not in (None, campaign.status):
            raise Conflict("The campaign has changed.")
        changed = replace(campaign, status=status, **changes)
        if frozen is not None:
            self.db.lists.require(frozen.name, frozen.etag)
            claimed = replace(self.db.lists[frozen.name].value, state="claimed")
            self.db.put(self.db.lists, frozen.name, claimed)
            self.db.launches[campaign_id] = worker().began_at, self.db.commits
            changed = replace(changed, frozen_list=frozen.name)
        if event is not None:
            self.db.events.append(event)
        self.db.put(self.db.campaigns, campaign_id, changed)
        self.db.reopened.discard(campaign_id)
        self.db.committed()
        return changed

    def _campaign(self, campaign_id: str) -> Campaign:
        if campaign_id not in self.db.campaigns:
            raise NotFound("There is no such campaign.")
        return self.db.campaigns[campaign_id].value


class ChunkLeases(Store):
    """`ChunkLeases`. A claim's etag is the chunk's version."""

    @asked(lambda: None)
    def claim(self, campaign_id: str, chunk_id: str, now: datetime, until: datetime) -> Claim | None:
        name = f"{campaign_id}/{chunk_id}"
        if name not in self.db.chunks:
            raise NotFound("There is no such chunk.")
        work = self.db.chunks[name].value
        chunk = work.chunk
        if chunk.state == "done" or (chunk.lease_until is not None and chunk.lease_until > now):
            return None
        if chunk.retry_at is not None and chunk.retry_at > now:
            wait = int((chunk.retry_at - now).total_seconds()) + 1
            raise Throttled("The vendor asked to wait.", retry_after=wait)
        held = replace(
            chunk, lease_until=until, retry_at=None, possibly_sent=True, attempts=chunk.attempts + 1
        )
        held = replace(held, possibly_sent_at=chunk.possibly_sent_at or now)
        self.db.put(self.db.chunks, name, replace(work, chunk=held, due_at=until))
        self.db.committed()
        worker().claimed_at = self.db.commits
        return Claim(chunk=chunk, etag=self.db.chunks[name].version)

    @asked(conflict)
    def release(self, claim: Claim, *, possibly_sent: bool, retry_at: datetime | None) -> None:
        name = chunk_name(claim.chunk)
        self.db.chunks.require(name, claim.etag)
        work = self.db.chunks[name].value
        free = replace(work.chunk, lease_until=None, retry_at=retry_at, possibly_sent=possibly_sent)
        free = free if possibly_sent else replace(free, possibly_sent_at=None)
        self.db.put(self.db.chunks, name, replace(work, chunk=free, due_at=retry_at or work.due_at))
        self.db.committed()

    @asked(conflict)
    def finish(self, claim: Claim, rows: Sequence[LogRow], now: datetime) -> None:
        name = chunk_name(claim.chunk)
        self.db.chunks.require(name, claim.etag)
        for row in rows:
            self.db.rows.require(row.message_id, None)
        work = self.db.chunks[name].value
        done = replace(work.chunk, state="done", lease_until=None, possibly_sent=False, possibly_sent_at=None)
        self.db.put(self.db.chunks, name, replace(work, chunk=done, due_at=None, done_at=now))
        for row in rows:
            self.db.put(self.db.rows, row.message_id, row)
        self.db.count(claim.chunk.campaign_id, claim.chunk.shard, tallied(rows))
        self.db.committed()


class Log(Store):
    """`SentMessages`."""

    @asked(away)
    def of_campaign(
        self, campaign_id: str, limit: int, status: str | None = None, after: str | None = None
    ) -> Sequence[LogRow]:
        rows = (row for row in self.db.rows.values_of() if row.campaign_id == campaign_id)
        found = [r for r in rows if status in (None, r.status) and (after is None or r.message_id > after)]
        return sorted(found, key=lambda row: row.message_id)[:limit]


class Resolutions(Store):
    """`ResolutionStore`."""

    @asked(away)
    def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        return self.db.seen(message_ids)

    @asked(conflict)
    def commit(
        self, /, campaign: Campaign, changes: Sequence[RowChange], chunk: Chunk | None, due_at: datetime
    ) -> None:
        known = self.db.campaigns[campaign.campaign_id].value
        if (known.status, known.resolution, known.retry_round) != (
            "sending",
            campaign.resolution,
            campaign.retry_round,
        ):
            raise Conflict("The campaign is not at this any more.")
        for change in changes:
            self.db.rows.require(change.after.message_id, change.seen.etag)
        if chunk is not None:
            self.db.chunks.require(chunk_name(chunk), None)
            self.db.put(self.db.chunks, chunk_name(chunk), Work(chunk=chunk, due_at=due_at))
        self.db.change_rows(changes)
        self.db.committed()


def chunk_name(chunk: Chunk) -> str:
    return f"{chunk.campaign_id}/{chunk.chunk_id}"
