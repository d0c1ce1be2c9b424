"""`forgetting`: whose traces are still to be removed, see `crm.privacy.usecases.finish_erasures`.

A document is written in the commit that erases a customer or deletes a segment. The tick removes what is left
of them where that commit could not reach, and then the document.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from google.api_core.exceptions import NotFound
from google.cloud.firestore import AsyncClient, AsyncWriteBatch, FieldFilter

from crm.kernel.ids import document_id
from crm.platform.firestore import documents
from crm.privacy.erasure_queue import PendingErasure

COLLECTION = "forgetting"


def note_customer(client: AsyncClient, batch: AsyncWriteBatch, customer_id: str, at: datetime) -> None:
    """Add to `batch` that traces of the customer are to be removed."""
    path = f"{COLLECTION}/customer-{document_id(customer_id)}"
    batch.set(client.document(path), {"what": "customer", "name": customer_id, "at": at})


def note_segment(commit: documents.Commit, segment_id: str, at: datetime) -> None:
    """Add to `commit` that what lies beneath a segment is to be removed."""
    fields = {"what": "segment", "name": segment_id, "at": at}
    commit.merge(f"{COLLECTION}/segment-{segment_id}", fields, {})


class ErasureQueue:
    """What is still to be forgotten."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def before(self, at: datetime, limit: int) -> Sequence[PendingErasure]:
        """Up to `limit` that were noted before that time, the oldest first."""
        query = self._client.collection(COLLECTION).where(filter=FieldFilter("at", "<", at))
        found = await documents.query(self._client, query.order_by("at").limit(limit))
        return [PendingErasure(key=key, **stored.fields) for key, stored in found.documents.items()]

    async def reached(self, things: Sequence[PendingErasure], after: str) -> None:
        """Remember that the segments up to this id are done, unless another tick was through with all."""
        commit = documents.Commit(self._client)
        for thing in things:
            commit.change(f"{COLLECTION}/{thing.key}", {"after": after})
        with suppress(NotFound):
            await commit.send()

    async def done(self, things: Sequence[PendingErasure]) -> None:
        """Strike these off."""
        commit = documents.Commit(self._client)
        for thing in things:
            commit.delete(f"{COLLECTION}/{thing.key}")
        await commit.send()
