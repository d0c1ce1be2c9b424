"""Receipts in Firestore: the rows they change, and `unmatched_receipts` for those that have no row yet.

A document of `unmatched_receipts` holds `message_id`, `state` ("waiting" or "quarantined"), `receipts`, each
as JSON text, so that adding one twice adds it once, `retry_at`, when the row of one in quarantine is looked
for again, and `expires_at`. It is named by the message id. An id of another form never gets a row and may say
anything: a keyed hash takes its place, and its receipts stay in quarantine.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient, FieldFilter

from crm import retention
from crm.campaigns.campaign import EVERYONE, Counts
from crm.campaigns.lifecycle import REOPENED_BY_RECEIPTS
from crm.campaigns.store import campaigns, counters, timelines
from crm.customers.customer_key import customer_key
from crm.delivery.message_ids import is_ours
from crm.delivery.receipts import Receipt, ReceiptMessage
from crm.delivery.row_changes import RowChange, SeenRow, campaigns_with_fewer_unknown, movements
from crm.delivery.store import communication_log
from crm.delivery.unmatched_receipts import Quarantined, UnmatchedReceipts
from crm.kernel.errors import Conflict
from crm.platform.clock import now
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

UNMATCHED = "unmatched_receipts"

_CHANGEABLE = ("status", "reason", "updated_at", "opened_at", "clicked_at")
"""The fields of a row that receipts may change."""


class FirestoreReceipts:
    """`crm.delivery.ports.ReceiptStore` in Firestore."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        """The rows that exist, by message id."""
        ours = [_row_path(name) for name in message_ids if is_ours(name)]
        found = await documents.get_many(self._client, ours)
        rows = [SeenRow(communication_log.decode(row.fields), row.etag) for row in found.values()]
        return {seen.row.message_id: seen for seen in rows}

    async def unmatched(self, message_ids: Sequence[str]) -> list[UnmatchedReceipts]:
        """The unmatched receipts of these messages, quarantined or not."""
        found = await documents.get_many(self._client, [_unmatched_path(name) for name in message_ids])
        return [_decoded(stored) for stored in found.values()]

    async def waiting(self, limit: int) -> list[str]:
        """The ids of up to `limit` messages whose receipts wait, starting at a random one: those whose row
        never comes must not delay the others."""
        collection = self._client.collection(UNMATCHED)
        query = collection.where(filter=FieldFilter("state", "==", "waiting")).order_by("__name__")
        query = query.select(["message_id"])
        start = {"__name__": collection.document(secrets.token_hex(16))}
        names: list[str] = []
        for half in (query.start_at(start), query.end_before(start)):
            if len(names) < limit:
                found = await documents.query(self._client, half.limit(limit - len(names)))
                names += [stored.fields["message_id"] for stored in found.documents.values()]
        return names

    async def due_in_quarantine(self, now: datetime, limit: int) -> list[str]:
        """The ids of up to `limit` messages in quarantine whose row should be looked for again."""
        due = self._client.collection(UNMATCHED).where(filter=FieldFilter("retry_at", "<=", now))
        found = await documents.query(
            self._client, due.order_by("retry_at").select(["message_id"]).limit(limit)
        )
        return [stored.fields["message_id"] for stored in found.documents.values()]

    async def commit(
        self,
        changes: Sequence[RowChange] = (),
        unmatched: Sequence[Receipt] = (),
        joined: Sequence[UnmatchedReceipts] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> None:
        """In one commit: change rows and counters, add `unmatched`, delete `joined`, update `quarantined`.

        Raises Conflict where any of them has changed since it was read.
        """
        commit = Commit(self._client)
        write_changes(commit, changes)
        await self._reopen(commit, campaigns_with_fewer_unknown(changes))
        for name, texts in _as_texts(unmatched).items():
            state = "waiting" if is_ours(name) else "quarantined"
            fields = {
                "message_id": _stored_id(name),
                "state": state,
                "retry_at": None,
                "expires_at": now() + retention.kept("unmatched_receipts"),
            }
            commit.merge(_unmatched_path(name), fields, {"receipts": texts})
        for entry in joined:
            commit.delete(_unmatched_path(entry.message_id), entry.etag)
        for each in quarantined:
            postponed = {"state": "quarantined", "retry_at": each.retry_at}
            commit.update(_unmatched_path(each.entry.message_id), postponed, each.entry.etag)
        try:
            await commit.send()
        except (api.FailedPrecondition, api.NotFound) as error:
            raise Conflict("Another call changed the same messages.") from error

    async def _reopen(self, commit: Commit, campaign_ids: Collection[str]) -> None:
        """Reopen finished campaigns so that the tick recomputes their status.

        A concurrent tick may be about to end the watch by figures from before this commit. If it commits
        first, this undoes it; if it commits later, it finds that `reopen_count` has changed.
        """
        found = await documents.get_many(
            self._client, [f"{campaigns.COLLECTION}/{name}" for name in campaign_ids]
        )
        for path, stored in found.items():
            if stored.fields.get("status") in REOPENED_BY_RECEIPTS:
                commit.merge(path, {"watch_ended": False, "needs_tick": True}, {}, {"reopen_count": 1})


def write_changes(commit: Commit, changes: Sequence[RowChange]) -> None:
    """Add changes of rows to a commit, each under the version that was read, and what they count."""
    for change in changes:
        commit.update(_row_path(change.after.message_id), _changed_fields(change), change.seen.etag)
    totals: dict[str, tuple[int, Counts]] = {}
    for (campaign_id, shard), groups in movements(changes).items():
        counters.add(commit, campaign_id, shard, groups)
        # One timeline document a campaign, in any of the shards: these only keep many commits apart.
        first, sums = totals.get(campaign_id, (shard, Counts()))
        totals[campaign_id] = first, sums + groups[EVERYONE]
    for campaign_id, (shard, sums) in totals.items():
        timelines.add(commit, campaign_id, shard, sums, now())


def _row_path(message_id: str) -> str:
    return f"{communication_log.COLLECTION}/{message_id}"


def _unmatched_path(message_id: str) -> str:
    return f"{UNMATCHED}/{_stored_id(message_id)}"


def _stored_id(message_id: str) -> str:
    return message_id if is_ours(message_id) else customer_key(message_id)


def _changed_fields(change: RowChange) -> dict[str, object]:
    before = change.seen.row
    return {
        name: getattr(change.after, name)
        for name in _CHANGEABLE
        if getattr(change.after, name) != getattr(before, name)
    }


def _as_texts(receipts: Sequence[Receipt]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    for receipt in receipts:
        stored = receipt.model_copy(update={"message_id": _stored_id(receipt.message_id)})
        texts[receipt.message_id].append(stored.model_dump_json(exclude_none=True))
    return texts


def _decoded(stored: documents.Stored) -> UnmatchedReceipts:
    return UnmatchedReceipts(
        message_id=stored.fields["message_id"],
        receipts=tuple(ReceiptMessage.model_validate_json(text) for text in stored.fields["receipts"]),
        since=stored.created_at,
        quarantined=stored.fields["state"] == "quarantined",
        etag=stored.etag,
    )
