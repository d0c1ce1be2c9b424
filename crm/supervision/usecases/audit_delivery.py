"""Audit the delivery of a campaign: follow each recipient from the audience to the vendor's ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.campaigns.campaign import Campaign, Counts
from crm.channels.ports import VendorLookup
from crm.delivery.chunk import Chunk
from crm.delivery.log import LogRow
from crm.delivery.message_ids import message_id
from crm.supervision.delivery_audit import DeliveryAudit, contradiction, corrections
from crm.supervision.paging import pages
from crm.supervision.ports import CountStore
from crm.supervision.reconciliation import add_rows, difference, total

ACTIVE = ("launching", "sending")
"""In these states a chunk that is pending here may be at the vendor's by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDelivery:
    """Changes nothing."""

    counts: CountStore
    vendor: VendorLookup

    async def __call__(self, campaign: Campaign) -> DeliveryAudit:
        """The audit as of now. Raises Unavailable where the database or the vendor is away."""
        audit = DeliveryAudit(campaign=campaign)
        campaign_id = campaign.campaign_id
        snapshot = await self.counts.snapshot(campaign)
        tally: dict[int, dict[str, Counts]] = {}
        customers: set[str] = set()
        async for rows in pages(
            lambda after: self.counts.rows(campaign_id, snapshot, after), lambda row: row.message_id
        ):
            add_rows(tally, rows)
            await self._compare_rows(audit, rows, customers)
        async for chunks in pages(
            lambda after: self.counts.pending_chunks(campaign_id, snapshot, after),
            lambda chunk: chunk.chunk_id,
        ):
            await self._compare_pending(audit, chunks, customers)
        audit.rows = total(tally)
        audit.missing = difference(tally, snapshot.counters)
        for correction in corrections(audit.missing):
            audit.find(correction)
        if campaign.audience not in (None, audit.reachable):
            audit.find(f"{campaign.audience} recipients were frozen, and {audit.reachable} were reachable")
        if campaign.audience is not None and audit.remainder:
            audit.find(f"{audit.remainder:+d} recipients are neither in a row nor waiting")
        return audit

    async def _compare_rows(self, audit: DeliveryAudit, rows: Sequence[LogRow], customers: set[str]) -> None:
        entries = await self.vendor.look_up([row.message_id for row in rows])
        for row in rows:
            entry = entries.get(row.message_id)
            audit.vendor[row.status, entry.status if entry is not None else "absent"] += 1
            finding = contradiction(row, entry)
            if finding is not None:
                audit.find(finding)
            if row.status != "retried":
                _add_once(audit, customers, row.customer_key)

    async def _compare_pending(
        self, audit: DeliveryAudit, chunks: Sequence[Chunk], customers: set[str]
    ) -> None:
        campaign = audit.campaign
        for chunk in chunks:
            audit.waiting += len(chunk.customer_keys)
            for key in chunk.customer_keys:
                _add_once(audit, customers, key)
            if campaign.status in ACTIVE or chunk.possibly_sent:
                continue
            ids = [message_id(campaign.campaign_id, each, chunk.retry_round) for each in chunk.customer_keys]
            for name, entry in (await self.vendor.look_up(ids)).items():
                if entry.status == "accepted":
                    audit.find(f"{name} is pending here, and accepted in the vendor's ledger")


def _add_once(audit: DeliveryAudit, customers: set[str], key: str) -> None:
    if key in customers:
        audit.find(f"the customer with the key {key} is in the audience twice")
    customers.add(key)
