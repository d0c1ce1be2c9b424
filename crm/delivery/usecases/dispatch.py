"""Dispatch a chunk: look again at each recipient, render, hand over to the vendor, write down what happened.

A chunk is done in one commit, after the vendor has answered. Whatever is killed before it comes again, and
the vendor knows each message by its id, so it sends none twice.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign, RowStatus
from crm.campaigns.message import render
from crm.campaigns.ports import CampaignStore
from crm.channels.outgoing import Outgoing, SendResult, VendorAway, VendorRefused
from crm.channels.ports import Vendor
from crm.customers.customer import Customer
from crm.customers.reach import unreachable_reason
from crm.delivery.cohorts import cohorts_of
from crm.delivery.log import Chunk, LogRow
from crm.delivery.message_ids import message_id
from crm.delivery.ports import ChunkWork, FailureWatch, Links, Recipients
from crm.delivery.sending import Claim, Throttled, address, as_possibly_sent, row_after_send
from crm.kernel.errors import Conflict, Invalid, Unavailable

logger = logging.getLogger(__name__)

REFUSALS = 50
"""Refusals that one chunk is halved for; enough to find the two or three messages at fault among 500."""

SHORT_REST = 60
"""Seconds for which the broker may be kept asking."""

FORGOTTEN = "the vendor would take it for a new one."
"""Why what may have been sent long ago is not sent again."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A recipient's row before the vendor is asked, and their message where one is to be sent."""

    row: LogRow
    outgoing: Outgoing | None = None


async def dispatch(
    campaigns: CampaignStore,
    chunks: ChunkWork,
    customers: Recipients,
    vendor: Vendor,
    links: Links,
    campaign_id: str,
    chunk_id: str,
    rate_version: int,
    now: datetime,
    lease: timedelta,
    memory: timedelta,
    breaker: FailureWatch,
) -> None:
    """Bring one chunk to its end, unless it is done, held by another worker, or its campaign is paused.

    One that rests for long is left to the tick, which publishes it when its time comes. So is one that was
    asked for at another `rate_version` than the campaign has now: its rate was changed since. `memory` is how
    long the vendor knows a message by its id: what may have been sent so long ago is not sent again.

    Of a cancelled campaign the recipients are written down as skipped. Raises Unavailable where the vendor
    or the store is away: then nothing is recorded, the chunk is free again, and the message should return.
    """
    campaign = await campaigns.get(campaign_id)
    if campaign.status not in ("sending", "cancelled"):
        return
    if campaign.status == "sending" and rate_version != campaign.rate_version:
        return
    try:
        claim = await chunks.claim(campaign_id, chunk_id, now, now + lease)
    except Throttled as rest:
        if rest.retry_after <= SHORT_REST:
            raise
        return
    if claim is None:
        return
    asked = False
    try:
        found = await customers.get(claim.chunk.customer_ids)
        plan = planned(campaign, claim.chunk, found, links, now, memory - lease)
        batch = [item.outgoing for item in plan if item.outgoing is not None]
        asked = bool(batch)
        verdicts = await _verdicts(vendor, batch, lease / 2)
        possibly_sent = claim.chunk.possibly_sent
        rows = [
            row_after_send(item.row, verdicts, now, possibly_sent) if item.outgoing else item.row
            for item in plan
        ]
        await chunks.finish(claim, rows, now)
        ids = {"campaign_id": campaign_id, "chunk_id": chunk_id}
        logger.info("chunk of %d recipients done", len(rows), extra={"ids": ids})
        await breaker.after(campaign, rows, now)
    except Conflict:
        logger.info("chunk %s of %s was taken over by another worker", chunk_id, campaign_id)
    except Unavailable as error:
        await _give_back(chunks, claim, error, asked, now)
        raise


def planned(
    campaign: Campaign,
    chunk: Chunk,
    customers: Mapping[str, Customer],
    links: Links,
    now: datetime,
    memory: timedelta,
) -> list[Planned]:
    """What to do for each recipient of a chunk, given the customers as they are now.

    Where an earlier try may have reached the vendor, whoever gets nothing this time is unknown, not skipped.
    That is everybody where the try was `memory` ago, for the vendor would send the same message twice.
    """
    is_forgotten = chunk.possibly_sent_at is not None and chunk.possibly_sent_at + memory <= now
    plan = []
    for name in chunk.customer_ids:
        item = _planned(campaign, chunk, customers.get(name) or Customer(customer_id=name), links, now)
        if item.outgoing is not None and is_forgotten:
            item = Planned(replace(item.row, reason=FORGOTTEN))
        if item.outgoing is None and chunk.possibly_sent:
            item = Planned(as_possibly_sent(item.row))
        plan.append(item)
    return plan


def _planned(campaign: Campaign, chunk: Chunk, customer: Customer, links: Links, now: datetime) -> Planned:
    def row(status: RowStatus, reason: str | None = None) -> LogRow:
        return LogRow(
            message_id=message_id(campaign.campaign_id, customer.customer_id, chunk.retry_round),
            campaign_id=campaign.campaign_id,
            customer_id=customer.customer_id,
            chunk_id=chunk.chunk_id,
            shard=chunk.shard,
            channel=campaign.channel,
            status=status,
            reason=reason,
            updated_at=now,
            cohorts=cohorts_of(customer, campaign.frozen_at or now) if customer.known else (),
            retry_round=chunk.retry_round,
        )

    if campaign.status == "cancelled":
        return Planned(row("skipped", "cancelled"))
    reason = unreachable_reason(customer, campaign.channel)
    to = address(customer, campaign.channel)
    if reason is not None or to is None:
        return Planned(row("skipped", reason or "no_address"))
    accepted = row("accepted")
    link = links.to(customer.customer_id, campaign.channel, accepted.message_id)
    try:
        text = render(campaign.message, customer, link)
    except Invalid as error:
        return Planned(row("failed", f"The message could not be rendered: {error}"))
    outgoing = Outgoing(
        message_id=accepted.message_id,
        channel=campaign.channel,
        to=to,
        subject=text.subject,
        body=text.body,
        unsubscribe_url=link,
    )
    return Planned(accepted, outgoing)


async def _verdicts(
    vendor: Vendor, batch: Sequence[Outgoing], patience: timedelta
) -> Mapping[str, SendResult]:
    """What the vendor says of each message. Raises VendorAway, also where it takes longer than `patience`."""
    try:
        async with asyncio.timeout(patience.total_seconds()):
            return await _handed_over(vendor, batch)
    except TimeoutError as error:
        raise VendorAway("The vendor takes too long over a chunk.", nothing_taken=False) from error


async def _handed_over(vendor: Vendor, batch: Sequence[Outgoing]) -> Mapping[str, SendResult]:
    """A batch that is refused is halved until the message at fault is found, and the others have gone."""
    verdicts: dict[str, SendResult] = {}
    parts = [batch] if batch else []
    refusals = 0
    answered = False
    while parts:
        part = parts.pop()
        try:
            verdicts.update(await vendor.send(part))
            answered = True
        except VendorRefused as error:
            refusals += 1
            half = len(part) // 2
            if half and refusals < REFUSALS:
                parts += [part[half:], part[:half]]
            else:
                refused = SendResult(status="refused", reason=str(error))
                verdicts.update((message.message_id, refused) for message in part)
        except VendorAway as error:
            if answered:  # what an answer leaves out may have been taken as well
                raise VendorAway(
                    str(error), nothing_taken=False, asked_to_wait=error.asked_to_wait
                ) from error
            raise
    return verdicts


async def _give_back(chunks: ChunkWork, claim: Claim, error: Unavailable, asked: bool, now: datetime) -> None:
    """Free the chunk, after the rest that the vendor asked for. Where that fails too, the lease runs out."""
    nothing_taken = not asked
    retry_at = None
    if isinstance(error, VendorAway):
        nothing_taken = error.nothing_taken
        if error.asked_to_wait is not None:
            retry_at = now + timedelta(seconds=error.asked_to_wait)
    try:
        possibly_sent = claim.chunk.possibly_sent or not nothing_taken
        await chunks.release(claim, possibly_sent=possibly_sent, retry_at=retry_at)
    except (Conflict, Unavailable):
        logger.warning("chunk %s stays leased until its time runs out", claim.chunk.chunk_id)
