"""`erasure_queue/{what}-{key}`: erasures that `crm.privacy.usecases.finish_erasures` has still to finish.

An entry is written in the commit that erases the customer or deletes the segment. The tick removes it when
nothing of them is left. Until then it holds the customer's id, by which snapshots and imports are searched.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from google.api_core.exceptions import FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.customers.customer_key import customer_key
from crm.kernel.stored_values import of_fields
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.privacy.erasure_queue import PendingErasure

COLLECTION = "erasure_queue"


def add_customer(commit: Commit, customer_id: str, at: datetime) -> None:
    """Queue an erased customer, in the commit that erases them."""
    fields = {"what": "customer", "name": customer_id, "at": at, "after": None}
    commit.merge(f"{COLLECTION}/customer-{customer_key(customer_id)}", fields, {})


def add_segment(commit: Commit, segment_id: str, at: datetime) -> None:
    """Queue a deleted segment, in the commit that deletes it."""
    fields = {"what": "segment", "name": segment_id, "at": at}
    commit.merge(f"{COLLECTION}/segment-{segment_id}", fields, {})


class ErasureQueue:
    """Reads and removes pending erasures. Every method raises Unavailable."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def due(self, queued_before: datetime, limit: int) -> Sequence[PendingErasure]:
        """Up to `limit` erasures, the oldest first."""
        query = self._client.collection(COLLECTION).where(filter=FieldFilter("at", "<", queued_before))
        found = await documents.query(self._client, query.order_by("at").limit(limit))
        return [of_fields(PendingErasure, stored.fields, key=key) for key, stored in found.documents.items()]

    async def save_progress(self, erasures: Sequence[PendingErasure], after: str) -> None:
        """Store that all segments up to the id `after` are done.

        Writes nothing if a concurrent tick has finished one of the erasures: it has finished them all.
        """
        commit = Commit(self._client)
        for erasure in erasures:
            commit.change(f"{COLLECTION}/{erasure.key}", {"after": after})
        with suppress(NotFound):
            await commit.send()

    async def remove(self, erasures: Sequence[PendingErasure]) -> None:
        """Take finished erasures out of the queue, except those that were queued again since."""
        found = await documents.get_many(self._client, [f"{COLLECTION}/{each.key}" for each in erasures])
        begun = {f"{COLLECTION}/{each.key}": each.at for each in erasures}
        commit = Commit(self._client)
        for path, stored in found.items():
            if stored.fields["at"] == begun[path]:
                commit.delete(path, stored.etag)
        with suppress(NotFound, FailedPrecondition):  # the next tick removes them
            await commit.send()
