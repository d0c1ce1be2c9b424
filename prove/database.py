"""Reads what the database holds once all work is finished."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import Campaign
from crm.campaigns.store.campaigns import Campaigns
from crm.customers.store.customers import ERASED
from crm.delivery.log import LogRow
from crm.delivery.store import communication_log
from crm.kernel.money import SCALE
from crm.platform.firestore import documents
from crm.supervision.reconciliation import add_rows, difference, drift
from crm.supervision.store.counts import FirestoreCounts
from devstack.emulators import PROJECT

_PAGE = 2_000
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in the vendor's ledger: its `campaign` and address, and how often it was `offered`."""

    message_id: str
    accepted: bool
    at: datetime
    offered: int
    campaign: str
    to: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """A campaign with all its rows. `drift` is how far its counters are off now, `corrected` how far they
    were off before the latest correction."""

    campaign: Campaign
    rows: Sequence[LogRow]
    drift: int
    corrected: int


class Database:
    """Reads the stack's database. Every method raises Unavailable."""

    def __init__(self) -> None:
        self._client = AsyncClient(project=PROJECT)

    async def vendor(self) -> list[Entry]:
        """Every message that was ever handed to the vendor. Its text is the name of its campaign."""
        found = []
        async for fields in self._all("vendor_ledger"):
            content = fields["content"]
            found.append(
                Entry(
                    message_id=fields["message_id"],
                    accepted=fields["status"] == "accepted",
                    at=fields["at"],
                    offered=fields["offered"],
                    campaign=content["body"],
                    to=content["to"],
                )
            )
        return found

    async def rows(self) -> list[LogRow]:
        """The whole communication log."""
        return [communication_log.decode(fields) async for fields in self._all(communication_log.COLLECTION)]

    async def ledger(self, campaign_id: str, rows: Sequence[LogRow]) -> Ledger:
        """One campaign, whose rows are among `rows`."""
        campaign = await Campaigns(self._client).get(campaign_id)
        own = [row for row in rows if row.campaign_id == campaign_id]
        tally: dict[int, Any] = {}
        add_rows(tally, own)
        snapshot = await FirestoreCounts(self._client).snapshot(campaign)
        path = f"campaigns/{campaign_id}/supervision/corrected"
        corrected = (await documents.get_many(self._client, [path])).get(path)
        return Ledger(
            campaign,
            own,
            drift(difference(tally, snapshot.counters)),
            corrected.fields["drift"] if corrected else 0,
        )

    async def customers(self) -> dict[str, Mapping[str, Any]]:
        """Every customer's document by their id, with the spend as a decimal; erased ones aside."""
        found: dict[str, Mapping[str, Any]] = {}
        async for fields in self._all("customers"):
            if ERASED in fields:
                continue
            found[fields["customer_id"]] = {**fields, "spend": Decimal(fields["total_spend"]) / SCALE}
        return found

    async def orders(self) -> dict[str, Mapping[str, Any]]:
        """Every order's document by its id."""
        return {fields["order_id"]: fields async for fields in self._all("orders")}

    async def count(self, collection: str) -> int:
        """How many documents there are."""
        return await documents.count(self._client, self._client.collection(collection).order_by("__name__"))

    async def _all(self, collection: str) -> AsyncIterator[Mapping[str, Any]]:
        query = self._client.collection(collection).order_by("__name__").limit(_PAGE)
        after = query
        while True:
            found = (await documents.query(self._client, after, _SECONDS)).documents
            for stored in found.values():
                yield stored.fields
            if len(found) < _PAGE:
                return
            last = self._client.collection(collection).document(list(found)[-1])
            after = query.start_after({"__name__": last})
