"""Breaks in sending: the status of messages, and which worker has a chunk."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any
from unittest.mock import patch

from crm.campaigns.campaign import Campaign
from crm.channels.outgoing import Outgoing, SendResult, VendorAway, VendorRefused
from crm.channels.ports import Vendor
from crm.delivery.chunk import Claim
from crm.delivery.log import LogRow
from crm.delivery.message_ids import message_id
from crm.delivery.outcome import row_after_send
from crm.delivery.row_changes import tallied
from crm.delivery.usecases.dispatch import Dispatch
from crm.kernel.errors import Conflict, Unavailable
from tests.proof import memory
from tests.proof.stage import asked, conflict, worker


async def released_as_not_sent(
    self: Dispatch, claim: Claim, error: Unavailable, vendor_called: bool, now: datetime
) -> None:
    with suppress(Conflict, Unavailable):
        await self.chunks.release(claim, possibly_sent=False, retry_at=None)


def row_as_not_sent_before(
    row: LogRow, results: Mapping[str, SendResult], sent_at: datetime, possibly_sent: bool = False
) -> LogRow:
    return row_after_send(row, results, sent_at)


def row_failed_where_left_out(
    row: LogRow, results: Mapping[str, SendResult], sent_at: datetime, possibly_sent: bool = False
) -> LogRow:
    if row.message_id not in results:
        return replace(row, status="failed", reason="The vendor's answer left it out.")
    return row_after_send(row, results, sent_at, possibly_sent)


async def send_halves_as_one(vendor: Vendor, batch: Sequence[Outgoing]) -> Mapping[str, SendResult]:
    """Halves a refused batch, and uses the last half's answer for all."""
    try:
        return await vendor.send(batch) if batch else {}
    except VendorRefused as error:
        half = len(batch) // 2
        if not half:
            return {batch[0].message_id: SendResult(status="refused", reason=str(error))}
        first = await send_halves_as_one(vendor, batch[:half])
        try:
            return {**first, **await send_halves_as_one(vendor, batch[half:])}
        except VendorAway as away_error:
            raise VendorAway(str(away_error), nothing_taken=True) from away_error


@contextmanager
def ids_that_differ_each_time() -> Iterator[None]:
    tries = count()

    def named(campaign_id: str, customer_key: str, retry_round: int = 0) -> str:
        return message_id(campaign_id, customer_key, retry_round + 1000 * next(tries))

    with patch("crm.delivery.plan.message_id", named):
        yield


def status_blind(get: Any) -> Any:
    """Reads a stopped campaign as sending."""

    async def blind(self: memory.Campaigns, campaign_id: str) -> Campaign:
        found: Campaign = await get(self, campaign_id)
        stopped = found.status in ("paused", "cancelled") and found.audience is not None
        return replace(found, status="sending") if stopped else found

    return blind


@asked(lambda: None)
def claim_in_spite_of_a_lease(
    self: memory.ChunkLeases, campaign_id: str, chunk_id: str, now: datetime, until: datetime
) -> Claim | None:
    return _claimed(self, f"{campaign_id}/{chunk_id}", until, possibly_sent=True)


@asked(lambda: None)
def claim_as_not_sent(
    self: memory.ChunkLeases, campaign_id: str, chunk_id: str, now: datetime, until: datetime
) -> Claim | None:
    lease = self.db.chunks[f"{campaign_id}/{chunk_id}"].value.chunk.lease_until
    if lease is not None and lease > now:
        return None
    return _claimed(self, f"{campaign_id}/{chunk_id}", until, possibly_sent=None)


def _claimed(
    self: memory.ChunkLeases, name: str, until: datetime, possibly_sent: bool | None
) -> Claim | None:
    work = self.db.chunks[name].value
    if work.chunk.state == "done":
        return None
    recorded = work.chunk.possibly_sent if possibly_sent is None else possibly_sent
    held = replace(work.chunk, lease_until=until, possibly_sent=recorded, attempts=work.chunk.attempts + 1)
    self.db.put(self.db.chunks, name, replace(work, chunk=held, due_at=until))
    self.db.committed()
    worker().claimed_at = self.db.commits
    return Claim(chunk=work.chunk, etag=self.db.chunks[name].version)


def finish(held: bool, rows_are_new: bool, times: int, in_one_commit: bool = True) -> Any:
    """A `finish` that leaves something out."""

    @asked(conflict)
    def finish(self: memory.ChunkLeases, claim: Claim, rows: Sequence[LogRow], now: datetime) -> None:
        name = f"{claim.chunk.campaign_id}/{claim.chunk.chunk_id}"
        if held:
            self.db.chunks.require(name, claim.etag)
        if rows_are_new:
            for row in rows:
                self.db.rows.require(row.message_id, None)
        work = self.db.chunks[name].value
        done = replace(work.chunk, state="done", lease_until=None, possibly_sent=False)
        self.db.put(self.db.chunks, name, replace(work, chunk=done, due_at=None, done_at=now))
        if not in_one_commit:
            self.db.committed()
        for row in rows:
            self.db.put(self.db.rows, row.message_id, row)
        for _ in range(times):
            self.db.count(claim.chunk.campaign_id, claim.chunk.shard, tallied(rows))
        self.db.committed()

    return finish
