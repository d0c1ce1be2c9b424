"""Breaks in what is stored: the frozen audience, receipts, counters, records."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from crm.access.audit_events import AuditEvent
from crm.campaigns.campaign import Campaign, Counts
from crm.campaigns.frozen_list import FrozenList, FrozenPart
from crm.campaigns.lifecycle import TRANSITIONS, Action, Actor, next_status
from crm.campaigns.usecases.launch import Launch
from crm.customers.customer_key import customer_key
from crm.customers.reach import unreachable_reason
from crm.delivery.chunk import Chunk
from crm.delivery.freezing import FrozenPartition
from crm.delivery.log import LogRow
from crm.delivery.ports import FrozenAudience
from crm.delivery.receipts import settle
from crm.delivery.row_changes import RowChange, movement
from crm.kernel.errors import Conflict
from crm.supervision.closing import closing
from tests.proof import ledgers, lists, memory, people
from tests.proof.stage import asked, away, conflict, worker


@asked(away)
def part_of_today(self: lists.Lists, name: str, number: int) -> FrozenPart | None:
    """Uses the customers reachable now instead of those at launch."""
    stored = self.db.parts.get(f"{name}/{number}")
    if stored is None:
        return None
    reachable = {
        customer_key(each.customer_id)
        for each in self.db.customers.values_of()
        if each.known and unreachable_reason(each, "simulator") is None
    }
    kept = tuple(each for each in stored.value if each in reachable)
    return FrozenPart(customer_keys=kept, etag=stored.version)


@asked(conflict)
def freeze_and_leave_the_part(
    self: lists.Audiences,
    campaign: Campaign,
    partition: int,
    part: FrozenPart,
    chunks: Sequence[Chunk],
    due_at: datetime,
) -> None:
    marker = f"{campaign.campaign_id}/{partition}"
    self.db.partitions.require(marker, None)
    recipients = sum(len(chunk.customer_keys) for chunk in chunks)
    frozen = FrozenPartition(partition=partition, recipients=recipients, chunks=len(chunks))
    self.db.put(self.db.partitions, marker, frozen)
    for chunk in chunks:
        work = memory.Work(chunk=chunk, due_at=due_at)
        self.db.put(self.db.chunks, f"{campaign.campaign_id}/{chunk.chunk_id}", work)
    self.db.committed()


def transition(compares: bool) -> Any:
    """A `transition` that ignores dropped lists and, unless it `compares`, what was read."""

    @asked(conflict)
    def change(
        self: memory.Campaigns,
        /,
        campaign_id: str,
        action: Action,
        by: Actor,
        *,
        to: Any = None,
        source: Any = None,
        expected: Campaign | None = None,
        frozen: FrozenList | None = None,
        event: AuditEvent | None = None,
        **changes: Any,
    ) -> Campaign:
        before = self.db.campaigns[campaign_id].value
        if compares and (expected not in (None, before) or source not in (None, before.status)):
            raise Conflict("The campaign has changed.")
        try:
            to = next_status(before, action, by, to)
        except Conflict:
            if compares:
                raise
            to = next(row.target for row in TRANSITIONS if row.action == action and to in (None, row.target))
        return _changed(self, campaign_id, to, frozen, changes)

    return change


def _changed(
    self: memory.Campaigns, campaign_id: str, to: Any, frozen: FrozenList | None, changes: dict[str, Any]
) -> Campaign:
    changed = replace(self.db.campaigns[campaign_id].value, status=to, **changes)
    if frozen is not None:
        self.db.launches[campaign_id] = worker().began_at, self.db.commits
        changed = replace(changed, frozen_list=frozen.name)
    self.db.put(self.db.campaigns, campaign_id, changed)
    self.db.reopened.discard(campaign_id)
    self.db.committed()
    return changed


async def launch_that_tidies_up(self: Launch, *given: Any, **named: Any) -> Campaign:
    """Drops its own list on a conflict, although its lost first try may have won."""
    written: list[FrozenList] = []
    store = self.lists
    write = store.write

    async def noted(*given: Any) -> FrozenList:
        written.append(await write(*given))
        return written[-1]

    with patch.object(store, "write", noted):
        try:
            return await _launch(self, *given, **named)
        except Conflict:
            for each in written:
                await store.delete(each.name)
            raise


_launch = Launch.__call__


async def no_discard(self: FrozenAudience, campaign_id: str) -> None:
    return None


async def rows_without_versions(
    self: ledgers.Receipts, changes: Sequence[RowChange] = (), **others: Any
) -> None:
    """Overwrites the row without comparing its version."""
    rows = self.db.rows
    overwriting = [
        RowChange(replace(each.seen, etag=rows[each.after.message_id].version), each.after)
        for each in changes
    ]
    await _commit(self, overwriting, **others)


_commit = ledgers.Receipts.commit


def nothing_is_unmatched(rows: Any, receipts: Any) -> Any:
    changes, _ = settle(rows, receipts)
    return changes, []


async def no_last_look(self: Any, message_ids: Any, now: datetime) -> None:
    return None


@asked(conflict)
def commit_orders_alone(self: people.People, customers: Any, orders: Any, letters: Any) -> None:
    """Commits orders, then their customers in a commit of their own."""
    for order in orders:
        self.db.orders.require(order.row.order_id, order.seen and order.seen.etag)
        self.db.put(self.db.orders, order.row.order_id, order.row)
    if orders:
        self.db.committed()
    for person in customers:
        self.db.customers.require(person.row.customer_id, person.seen and person.seen.etag)
        self.put(person.row)
    self.db.committed()


@asked(away)
def publish_into_the_void(self: Any, topic: str, messages: Any, attributes: Any = None) -> None:
    """Loses all of delivery's requests to itself."""


def closed_too_early(campaign: Campaign, stats: Any, last: Any, now: Any, silence: Any) -> Any:
    return closing(campaign, replace(stats, audience=stats.counts.rows), last, now, silence)


def retried_counts(before: LogRow | None, after: LogRow) -> Counts:
    moved = movement(before, after)
    return moved + Counts(failed=1) if after.status == "retried" else moved
