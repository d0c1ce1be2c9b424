"""`audit_log/{id}`: what people did. Goes at `expires_at`; nothing here changes an entry that has ended."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from google.api_core.exceptions import AlreadyExists
from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.access.audit_events import KEPT, AuditEvent, Outcome
from crm.kernel.errors import Invalid
from crm.platform.firestore import documents
from crm.platform.google_errors import RETRY, TIMEOUT, translated

COLLECTION: Final = "audit_log"


def keep(commit: documents.Commit, act: AuditEvent) -> None:
    """Make the entry a part of the commit, which fails with AlreadyExists where it is there."""
    values = asdict(act)
    commit.create(f"{COLLECTION}/{values.pop('event_id')}", {**values, "expires_at": act.at + KEPT})


class FirestoreAuditLog:
    """The audit log of one database."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def begin(self, act: AuditEvent) -> None:
        """Keep an act. One that is kept already stays as it is. Raises Unavailable."""
        commit = documents.Commit(self._client)
        keep(commit, act)
        try:
            await commit.send()
        except AlreadyExists:
            return  # sent again by the client library, or noted once for a day

    async def end(self, event_id: str, outcome: Outcome, reason: str) -> None:
        """Add how it ended. Raises Unavailable."""
        commit = documents.Commit(self._client)
        commit.merge(f"{COLLECTION}/{event_id}", {"outcome": outcome, "reason": reason}, {})
        await commit.send()

    async def newest(
        self, now: datetime, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[AuditEvent], str | None]:
        """Up to `limit` acts, newest first, and the next page's cursor. Raises Invalid at "cursor"."""
        query = self._acts().order_by("at", direction=AsyncQuery.DESCENDING)
        if cursor is not None:
            async with translated("The database"):
                last = await self._acts().document(cursor).get(retry=RETRY, timeout=TIMEOUT)
            if not last.exists:
                raise Invalid.at("cursor", "is not a cursor of this list")
            query = query.start_after(last)
        found = await self._read(query.limit(limit + 1), now)
        return found[:limit], found[limit - 1].event_id if len(found) > limit else None

    async def on_customer(self, customer_id: str, now: datetime, limit: int) -> Sequence[AuditEvent]:
        """Up to `limit` acts that were about this customer, newest first."""
        query = self._acts().where(filter=FieldFilter("subject", "==", customer_id)).limit(limit)
        found = [act for act in await self._read(query, now) if act.action.startswith("customer.")]
        return sorted(found, key=lambda act: act.at, reverse=True)

    async def _read(self, query: AsyncQuery, now: datetime) -> list[AuditEvent]:
        found = await documents.query(self._client, query)
        return [
            AuditEvent(event_id=name, **{field: stored.fields[field] for field in _FIELDS})
            for name, stored in found.documents.items()
            if stored.fields["expires_at"] > now  # the database deletes within a day or so
        ]

    def _acts(self) -> Any:
        return self._client.collection(COLLECTION)


_FIELDS = [field.name for field in fields(AuditEvent) if field.name != "event_id"]
