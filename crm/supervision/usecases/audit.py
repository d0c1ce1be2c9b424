"""DeliveryAudit a campaign: follow each recipient from the audience to the vendor's books."""

from collections.abc import AsyncIterator, Sequence

from crm.campaigns.campaign import Campaign, Counts
from crm.channels.ports import VendorLookup
from crm.delivery.log import Chunk, LogRow
from crm.delivery.message_ids import message_id
from crm.supervision.delivery_audit import DeliveryAudit, contradiction, corrections
from crm.supervision.ports import CountStore
from crm.supervision.reconciliation import CounterSnapshot, add_rows, difference, total
from crm.supervision.usecases.reconcile import pages

AT_WORK = ("launching", "sending")
"""While a campaign is one of these, chunks that wait in our books may be in the vendor's by now."""


async def audit(book: CountStore, vendor: VendorLookup, campaign: Campaign) -> DeliveryAudit:
    """The audit as of now. Changes nothing. Raises Unavailable where the database or the vendor is away."""
    done = DeliveryAudit(campaign=campaign)
    moment = await book.moment(campaign)
    tally: dict[int, dict[str, Counts]] = {}
    customers: set[str] = set()
    async for page in pages(book, campaign.campaign_id, moment):
        add_rows(tally, page)
        await _compare(done, vendor, page, customers)
    async for chunks in _waiting(book, campaign.campaign_id, moment):
        await _compare_waiting(done, vendor, chunks, customers)
    done.rows = total(tally)
    done.lacking = difference(tally, moment.counters)
    for correction in corrections(done.lacking):
        done.find(correction)
    if campaign.audience not in (None, done.reachable):
        done.find(f"{campaign.audience} recipients were frozen, and {done.reachable} were reachable")
    if campaign.audience is not None and done.remainder:
        done.find(f"{done.remainder:+d} recipients are neither in a row nor waiting")
    return done


async def _compare(
    done: DeliveryAudit, vendor: VendorLookup, rows: Sequence[LogRow], customers: set[str]
) -> None:
    booked = await vendor.look_up([row.message_id for row in rows])
    for row in rows:
        entry = booked.get(row.message_id)
        done.vendor[row.status, entry.status if entry is not None else "absent"] += 1
        finding = contradiction(row, entry)
        if finding is not None:
            done.find(finding)
        if row.status != "retried":
            _once(done, customers, row.customer_id)


async def _compare_waiting(
    done: DeliveryAudit, vendor: VendorLookup, chunks: Sequence[Chunk], customers: set[str]
) -> None:
    campaign = done.campaign
    for chunk in chunks:
        done.waiting += len(chunk.customer_ids)
        for name in chunk.customer_ids:
            _once(done, customers, name)
        if campaign.status in AT_WORK or chunk.possibly_sent:
            continue
        booked = await vendor.look_up(
            [message_id(campaign.campaign_id, name, chunk.retry_round) for name in chunk.customer_ids]
        )
        for name, verdict in booked.items():
            if verdict.status == "accepted":
                done.find(f"{name} is pending here, and accepted in the vendor's books")


def _once(done: DeliveryAudit, customers: set[str], customer_id: str) -> None:
    if customer_id in customers:
        done.find(f"{customer_id} is in the audience twice")
    customers.add(customer_id)


async def _waiting(
    book: CountStore, campaign_id: str, moment: CounterSnapshot
) -> AsyncIterator[Sequence[Chunk]]:
    after = None
    while found := await book.waiting(campaign_id, moment, after):
        yield found
        after = found[-1].chunk_id
