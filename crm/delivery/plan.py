"""What to send to each recipient of a chunk, and to whom nothing, given the customers as they are now."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm.campaigns.campaign import Campaign, RowStatus
from crm.campaigns.message import Budget, budget_for, render
from crm.campaigns.templates import TooMuch
from crm.channels.outgoing import Outgoing
from crm.customers.customer import Customer
from crm.customers.reach import ADDRESSES, unreachable_reason
from crm.customers.values import Channel
from crm.delivery.chunk import Chunk
from crm.delivery.cohorts import cohorts_of
from crm.delivery.log import LogRow
from crm.delivery.message_ids import message_id
from crm.delivery.outcome import as_possibly_sent
from crm.kernel.errors import Invalid

FORGOTTEN = "the vendor would take it for a new one."
"""The reason of messages whose idempotency key the vendor no longer remembers."""

NOT_RENDERED = "The message could not be rendered with the values of this customer"
"""Begins the reason of messages that fail for one recipient. A preview for that customer says more."""

_NOBODY = Customer(customer_id="")
"""A recipient of whom nothing is stored any more."""

LinkTo = Callable[[str, Channel, str], str]
"""The unsubscribe link for a customer's key, a channel and a message id."""


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """A recipient's row before the vendor is called, and the message where one is to be sent."""

    row: LogRow
    outgoing: Outgoing | None = None


def plan_chunk(
    campaign: Campaign,
    chunk: Chunk,
    customers: Mapping[str, Customer],
    link_to: LinkTo,
    now: datetime,
    memory: timedelta,
) -> Iterator[PlannedMessage]:
    """One planned message for each recipient of the chunk, rendered as it is asked for.

    `customers` are those who exist, by key. A message that cannot be rendered is failed alone, and so is an
    expensive one for which the chunk's budget does not leave enough.

    Where an earlier attempt may have reached the vendor, a recipient who gets nothing now is unknown, not
    skipped. That is every recipient where the attempt is `memory` old: the vendor's idempotency window has
    expired, so it would send the message a second time.
    """
    is_forgotten = chunk.possibly_sent_at is not None and chunk.possibly_sent_at + memory <= now
    budget = budget_for(len(chunk.customer_keys))
    for key in chunk.customer_keys:
        item = _plan(campaign, chunk, key, customers.get(key) or _NOBODY, link_to, now, budget)
        if item.outgoing is not None and is_forgotten:
            item = PlannedMessage(replace(item.row, reason=FORGOTTEN))
        if item.outgoing is None and chunk.possibly_sent:
            item = PlannedMessage(as_possibly_sent(item.row))
        yield item


def _plan(
    campaign: Campaign,
    chunk: Chunk,
    key: str,
    customer: Customer,
    link_to: LinkTo,
    now: datetime,
    budget: Budget,
) -> PlannedMessage:
    def row(status: RowStatus, reason: str | None = None) -> LogRow:
        return LogRow(
            message_id=message_id(campaign.campaign_id, key, chunk.retry_round),
            campaign_id=campaign.campaign_id,
            customer_key=key,
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
        return PlannedMessage(row("skipped", "cancelled"))
    reason = unreachable_reason(customer, campaign.channel)
    to = address(customer, campaign.channel)
    if reason is not None or to is None:
        return PlannedMessage(row("skipped", reason or "no_address"))
    accepted = row("accepted")
    link = link_to(key, campaign.channel, accepted.message_id)
    try:
        text = render(campaign.message, customer, link, budget)
    except Invalid as error:
        return PlannedMessage(row("failed", _not_rendered(error)))
    outgoing = Outgoing(
        message_id=accepted.message_id,
        channel=campaign.channel,
        to=to,
        subject=text.subject,
        body=text.body,
        unsubscribe_url=link,
    )
    return PlannedMessage(accepted, outgoing)


def _not_rendered(error: Invalid) -> str:
    """Where the message failed, and which limit it exceeded.

    Not why else, for that may quote the customer's values, which the row outlives.
    """
    if isinstance(error, TooMuch):
        return f"{NOT_RENDERED}: {error}"
    places = [
        f"{each.path}, line {each.line}, column {each.column}" if each.line is not None else each.path
        for each in error.errors
    ]
    return f"{NOT_RENDERED}: {'; '.join(places)}"


def address(customer: Customer, channel: Channel) -> str | None:
    """Where a message on this channel goes: the first of `ADDRESSES` that the customer has, or None."""
    values = (getattr(customer, name) for name in ADDRESSES[channel])
    return next((value for value in values if value), None)
