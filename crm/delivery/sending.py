"""How a campaign is delivered: the message to each recipient, what is said of it, and when it is over."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crm.campaigns.campaign import EVERYONE, Counts
from crm.channels.outgoing import SendResult
from crm.customers.customer import Customer
from crm.customers.values import Channel
from crm.delivery.log import Chunk, LogRow
from crm.delivery.receipts import movement, standing
from crm.kernel.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A chunk that this worker holds, as it was when claimed. `etag` is the store's, for finishing it."""

    chunk: Chunk
    etag: Any


class Throttled(Unavailable):
    """The chunk rests because the vendor asked to wait."""


def address(customer: Customer, channel: Channel) -> str | None:
    """Where a message goes on this channel; None where the customer has no address of the kind."""
    if channel == "sms":
        return customer.phone
    return customer.email or (customer.phone if channel == "simulator" else None)


def tallied(rows: Iterable[LogRow]) -> dict[str, Counts]:
    """What new rows add to the counters, by group: "all" and each cohort."""
    alike: dict[object, list[LogRow]] = defaultdict(list)
    for row in rows:
        alike[standing(row), row.cohorts].append(row)
    groups: dict[str, Counts] = {}
    for row, *others in alike.values():
        added = movement(None, row) * (1 + len(others))
        for group in (EVERYONE, *row.cohorts):
            groups[group] = groups.get(group, Counts()) + added
    return groups


def row_after_send(
    row: LogRow, verdicts: Mapping[str, SendResult], sent_at: datetime, possibly_sent: bool = False
) -> LogRow:
    """The row of a message that went to the vendor. One it said nothing of is unknown: nobody can know.

    So is one that is refused now while, `possibly_sent`, an earlier try may have reached the vendor.
    """
    verdict = verdicts.get(row.message_id)
    if verdict is None:
        return replace(row, status="unknown", reason="The vendor's answer left it out.", sent_at=sent_at)
    if verdict.status == "accepted":
        return replace(row, status="accepted", reason=None, sent_at=sent_at)
    failed = replace(row, status="failed", reason=verdict.reason or "Rejected by the vendor.")
    return as_possibly_sent(failed) if possibly_sent and verdict.status == "refused" else failed


def as_possibly_sent(row: LogRow) -> LogRow:
    """The row where an earlier try may have reached the vendor and this one sent nothing."""
    reason = f"An earlier try may have sent it; then: {row.reason}"
    return replace(row, status="unknown", reason=reason, sent_at=row.updated_at)
