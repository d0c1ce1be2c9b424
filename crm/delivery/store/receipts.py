"""Receipts at rest: the rows they move, and `unmatched_receipts` for those that came before their row.

A document of `unmatched_receipts` holds `message_id`, `state` ("waiting" or "quarantined") and `receipts`,
each as its own JSON text, so that adding one twice adds it once. It is named by the message's id. `look_at`
is when the row of one in quarantine is looked for again. Ids that are not of our making could not name a
document, and never get a row: those go by their hash, and to quarantine for good.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.campaigns.campaign import EVERYONE, Counts
from crm.campaigns.lifecycle import REOPENED_BY_RECEIPTS
from crm.campaigns.store import campaigns, counters, timelines
from crm.delivery.message_ids import is_ours
from crm.delivery.receipts import (
    Quarantined,
    Receipt,
    RowChange,
    SeenRow,
    UnmatchedReceipts,
    movements,
    settled,
)
from crm.delivery.store import communication_log
from crm.kernel.errors import Conflict
from crm.kernel.ids import document_id
from crm.platform.clock import now
from crm.platform.firestore import documents
from crm.platform.google_errors import RETRY, TIMEOUT, translated

EARLY = "unmatched_receipts"

_MOVING = ("status", "reason", "updated_at", "opened_at", "clicked_at")
"""The fields of a row that receipts may change."""


class FirestoreReceipts:
    """The `ReceiptStore` of one database."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id. Raises Unavailable."""
        ours = [_row_path(name) for name in message_ids if is_ours(name)]
        found = await documents.read(self._client, ours)
        rows = [SeenRow(communication_log.decode(row.fields), row.etag) for row in found.values()]
        return {seen.row.message_id: seen for seen in rows}

    async def early(self, message_ids: Sequence[str]) -> list[UnmatchedReceipts]:
        """What came early of these messages. Raises Unavailable."""
        found = await documents.read(self._client, [_early_path(name) for name in message_ids])
        return [_early_receipts(stored) for stored in found.values()]

    async def waiting(self, limit: int) -> list[str]:
        """Up to `limit` messages whose receipts wait, from a random place on: those that wait in vain must
        not stand before the others forever. Raises Unavailable."""
        collection = self._client.collection(EARLY)
        query = collection.where(filter=FieldFilter("state", "==", "waiting")).order_by("__name__")
        query = query.select(["message_id"])
        place = {"__name__": collection.document(secrets.token_hex(16))}
        names: list[str] = []
        async with translated("The database"):
            for half in (query.start_at(place), query.end_before(place)):
                if len(names) < limit:
                    found = half.limit(limit - len(names)).stream(retry=RETRY, timeout=TIMEOUT)
                    names += [snapshot.get("message_id") async for snapshot in found]
        return names

    async def to_look_at(self, now: datetime, limit: int) -> list[str]:
        """Up to `limit` messages in quarantine whose row should be looked for again. Raises Unavailable."""
        due = self._client.collection(EARLY).where(filter=FieldFilter("look_at", "<=", now))
        found = await documents.query(
            self._client, due.order_by("look_at").select(["message_id"]).limit(limit)
        )
        return [stored.fields["message_id"] for stored in found.documents.values()]

    async def commit(
        self,
        changes: Sequence[RowChange] = (),
        early: Sequence[Receipt] = (),
        joined: Sequence[UnmatchedReceipts] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> None:
        """See `crm.ports.ReceiptStore`. Raises Conflict and Unavailable."""
        commit = documents.Commit(self._client)
        write_changes(self._client, commit, changes)
        await self._wake(commit, settled(changes))
        for name, texts in _texts(early).items():
            state = "waiting" if is_ours(name) else "quarantined"
            fields = {"message_id": name, "state": state, "look_at": None}
            commit.merge(_early_path(name), fields, {"receipts": texts})
        for entry in joined:
            commit.delete(_early_path(entry.message_id), entry.etag)
        for each in quarantined:
            put_off = {"state": "quarantined", "look_at": each.look_at}
            commit.update(_early_path(each.entry.message_id), put_off, each.entry.etag)
        try:
            await commit.send()
        except (api.FailedPrecondition, api.NotFound) as error:
            raise Conflict("Somebody else changed the same messages.") from error

    async def _wake(self, commit: documents.Commit, campaign_ids: Collection[str]) -> None:
        """Have the tick look again at those campaigns that are over: what it said of them is no longer so.

        The tick may be about to put one of them to rest, by figures that it read before. Where it does so
        first it is undone, and where it comes later it finds `reopen_count` changed.
        """
        found = await documents.read(
            self._client, [f"{campaigns.COLLECTION}/{name}" for name in campaign_ids]
        )
        for path, stored in found.items():
            if stored.fields.get("status") in REOPENED_BY_RECEIPTS:
                commit.merge(path, {"watch_ended": False, "needs_tick": True}, {}, {"reopen_count": 1})


def write_changes(client: AsyncClient, commit: documents.Commit, changes: Sequence[RowChange]) -> None:
    """Add changes of rows to a commit, each guarded by the etag that was read, and what they count."""
    for change in changes:
        commit.update(_row_path(change.after.message_id), _moved(change), change.seen.etag)
    counted = client.batch()
    moved: dict[str, tuple[int, Counts]] = {}
    for (campaign_id, shard), groups in movements(changes).items():
        counters.add(client, counted, campaign_id, shard, groups)
        # One document a campaign, whichever of the shards: they only keep many commits apart.
        first, sums = moved.get(campaign_id, (shard, Counts()))
        moved[campaign_id] = first, sums + groups[EVERYONE]
    for campaign_id, (shard, sums) in moved.items():
        timelines.add(client, counted, campaign_id, shard, sums, now())
    commit.add(counted)


def _row_path(message_id: str) -> str:
    return f"{communication_log.COLLECTION}/{message_id}"


def _early_path(message_id: str) -> str:
    return f"{EARLY}/{message_id if is_ours(message_id) else document_id(message_id)}"


def _moved(change: RowChange) -> dict[str, object]:
    before = change.seen.row
    return {
        name: getattr(change.after, name)
        for name in _MOVING
        if getattr(change.after, name) != getattr(before, name)
    }


def _texts(receipts: Sequence[Receipt]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    for receipt in receipts:
        texts[receipt.message_id].append(receipt.model_dump_json(exclude_none=True))
    return texts


def _early_receipts(stored: documents.Stored) -> UnmatchedReceipts:
    return UnmatchedReceipts(
        message_id=stored.fields["message_id"],
        receipts=tuple(Receipt.model_validate_json(text) for text in stored.fields["receipts"]),
        since=stored.created_at,
        quarantined=stored.fields["state"] == "quarantined",
        etag=stored.etag,
    )
