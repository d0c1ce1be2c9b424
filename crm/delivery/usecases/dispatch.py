"""Dispatch a chunk: check each recipient again, render, hand over to the vendor, record what happened.

A chunk is finished in one commit after the vendor has answered. If the worker dies before that, the chunk is
sent again; the vendor recognises by their ids the messages that it has, and drops them.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from crm.campaigns.campaign import Campaign
from crm.campaigns.ports import CampaignLookup
from crm.channels.outgoing import VendorAway
from crm.customers.customer import Customer
from crm.delivery.chunk import Claim, Throttled
from crm.delivery.log import LogRow
from crm.delivery.outcome import row_after_send
from crm.delivery.plan import LinkTo, PlannedMessage, plan_chunk
from crm.delivery.usecases.hand_over import HandOver
from crm.kernel.errors import Conflict, Unavailable

logger = logging.getLogger(__name__)

SHORT_WAIT = 60
"""Seconds for which the broker may redeliver a throttled chunk. After longer waits the tick publishes it."""


class ChunkLeases(Protocol):
    """Chunks, each held by one worker at a time. Every method raises Unavailable."""

    async def claim(self, campaign_id: str, chunk_id: str, now: datetime, until: datetime) -> Claim | None:
        """The chunk leased until `until`; None where it is done or another worker holds it.

        Raises Throttled while the vendor asked to wait, NotFound.
        """

    async def release(self, claim: Claim, *, possibly_sent: bool, retry_at: datetime | None) -> None:
        """Give the chunk back. Raises Conflict where the lease was lost."""

    async def finish(self, claim: Claim, rows: Sequence[LogRow], now: datetime) -> None:
        """In one commit: write the rows, count them, mark the chunk done. Raises Conflict without a lease."""


class Recipients(Protocol):
    """The customers as they are now."""

    async def get(self, keys: Sequence[str]) -> Mapping[str, Customer]:
        """Those that exist, by key. Raises Unavailable."""


class FailureCheck(Protocol):
    """Pauses a campaign whose messages mostly fail."""

    async def __call__(self, campaign: Campaign, rows: Sequence[LogRow], now: datetime) -> None:
        """Check the campaign after these rows were written. Never raises Conflict or Unavailable."""


class Rendering(Protocol):
    """Renders without holding up what else the process does."""

    async def __call__(self, plan: Iterator[PlannedMessage], /) -> list[PlannedMessage]:
        """All items of the plan. Raises Unavailable where they take too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """Sends one chunk."""

    campaigns: CampaignLookup
    chunks: ChunkLeases
    customers: Recipients
    rendering: Rendering
    hand_over: HandOver
    link_to: LinkTo
    check_failures: FailureCheck
    lease: timedelta
    memory: timedelta
    """The vendor's idempotency window: how long it recognises a message by its id."""

    async def __call__(self, campaign_id: str, chunk_id: str, rate_version: int, now: datetime) -> None:
        """Send the chunk, unless it is done, leased, or its campaign is paused. Safe to repeat.

        A request made under another `rate_version` is ignored: the tick publishes the chunk again. The
        recipients of a cancelled campaign are recorded as skipped.
        Raises Unavailable where the vendor or the store is away: then nothing is recorded and the chunk is
        free again, so the request should be redelivered. Raises NotFound.
        """
        campaign = await self.campaigns.get(campaign_id)
        if not _is_wanted(campaign, rate_version):
            return
        claim = await self._claim(campaign_id, chunk_id, now)
        if claim is None:
            return
        vendor_called = False
        try:
            customers = await self.customers.get(claim.chunk.customer_keys)
            memory = self.memory - self.lease
            plan = await self.rendering(
                plan_chunk(campaign, claim.chunk, customers, self.link_to, now, memory)
            )
            batch = [item.outgoing for item in plan if item.outgoing is not None]
            vendor_called = bool(batch)
            results = await self.hand_over(batch)
            possibly_sent = claim.chunk.possibly_sent
            rows = [
                row_after_send(item.row, results, now, possibly_sent) if item.outgoing else item.row
                for item in plan
            ]
            await self.chunks.finish(claim, rows, now)
            ids = {"campaign_id": campaign_id, "chunk_id": chunk_id}
            logger.info("chunk of %d recipients done", len(rows), extra={"ids": ids})
            await self.check_failures(campaign, rows, now)
        except Conflict:
            logger.info("chunk %s of %s was taken over by another worker", chunk_id, campaign_id)
        except Unavailable as error:
            await self._release(claim, error, vendor_called, now)
            raise

    async def _claim(self, campaign_id: str, chunk_id: str, now: datetime) -> Claim | None:
        try:
            return await self.chunks.claim(campaign_id, chunk_id, now, now + self.lease)
        except Throttled as throttled:
            if throttled.retry_after <= SHORT_WAIT:
                raise
            return None

    async def _release(self, claim: Claim, error: Unavailable, vendor_called: bool, now: datetime) -> None:
        """Give the chunk back, until the vendor may be called again. If that fails too, the lease expires."""
        nothing_taken = not vendor_called
        retry_at = None
        if isinstance(error, VendorAway):
            nothing_taken = error.nothing_taken
            if error.asked_to_wait is not None:
                retry_at = now + timedelta(seconds=error.asked_to_wait)
        try:
            possibly_sent = claim.chunk.possibly_sent or not nothing_taken
            await self.chunks.release(claim, possibly_sent=possibly_sent, retry_at=retry_at)
        except (Conflict, Unavailable):
            logger.warning("chunk %s stays leased until its lease expires", claim.chunk.chunk_id)


def _is_wanted(campaign: Campaign, rate_version: int) -> bool:
    if campaign.status == "sending":
        return rate_version == campaign.rate_version
    return campaign.status == "cancelled"
