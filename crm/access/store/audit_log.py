"""`audit_log/{id}`: audit events, deleted at `expires_at`. An event with an outcome never changes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from google.api_core.exceptions import AlreadyExists
from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm import retention
from crm.access.audit_events import MAX_TEXT, AuditEvent, AuditFilter, Outcome
from crm.access.field_changes import FieldChange
from crm.access.origins import Origin
from crm.kernel.errors import Invalid
from crm.kernel.stored_values import of_fields
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION: Final = "audit_log"


def add_to(commit: Commit, event: AuditEvent) -> None:
    """Create the event in this commit, which then fails with AlreadyExists if the event exists."""
    values = {
        **asdict(event),
        "changes": [asdict(each) for each in event.changes],
        "detail": event.detail[:MAX_TEXT],
        "reason": event.reason[:MAX_TEXT],
        "actor_id": event.actor_id,
        "expires_at": event.at + retention.kept("audit_log"),
    }
    commit.create(f"{COLLECTION}/{values.pop('event_id')}", values)


_ALL: Final = AuditFilter()


class FirestoreAuditLog:
    """The audit log of one database."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def begin(self, event: AuditEvent) -> None:
        """Store an event unless it exists. Raises Unavailable."""
        commit = Commit(self._client)
        add_to(commit, event)
        try:
            await commit.send()
        except AlreadyExists:
            return  # retried by the client library, or a refused sign-in that is logged once a day

    async def end(self, event_id: str, outcome: Outcome, reason: str) -> None:
        """Store the outcome. Raises Unavailable."""
        commit = Commit(self._client)
        commit.merge(f"{COLLECTION}/{event_id}", {"outcome": outcome, "reason": reason[:MAX_TEXT]}, {})
        await commit.send()

    async def newest(
        self, now: datetime, limit: int, cursor: str | None = None, wanted: AuditFilter = _ALL
    ) -> tuple[Sequence[AuditEvent], str | None]:
        """Up to `limit` events that the filter lets through, newest first, and the cursor of the next page.

        Raises Invalid at "cursor", Unavailable.
        """
        query = self._events()
        for field, operator, value in (
            ("action", "==", wanted.action),
            ("actor_id", "==", wanted.actor_id),
            ("at", ">=", wanted.since),
            ("at", "<", wanted.until),
        ):
            if value is not None:
                query = query.where(filter=FieldFilter(field, operator, value))
        query = query.order_by("at", direction=AsyncQuery.DESCENDING)
        query = query.order_by("__name__", direction=AsyncQuery.DESCENDING)
        if cursor is not None:
            last = await documents.get(self._client, f"{COLLECTION}/{cursor}", ["at"])
            if last is None:
                raise Invalid.at("cursor", "is not a cursor of this list")
            place = {"at": last.fields["at"], "__name__": self._events().document(cursor)}
            query = query.start_after(place)
        found = await self._read(query.limit(limit + 1), now)
        return found[:limit], found[limit - 1].event_id if len(found) > limit else None

    async def about_customer(self, key: str, now: datetime, limit: int) -> Sequence[AuditEvent]:
        """Up to `limit` events about the customer with this key, newest first. Raises Unavailable."""
        query = self._events().where(filter=FieldFilter("subject", "==", key)).limit(limit)
        found = [event for event in await self._read(query, now) if event.is_about_customer]
        return sorted(found, key=lambda event: event.at, reverse=True)

    async def _read(self, query: AsyncQuery, now: datetime) -> list[AuditEvent]:
        found = await documents.query(self._client, query)
        return [
            _event(name, stored.fields)
            for name, stored in found.documents.items()
            if stored.fields["expires_at"] > now  # the database deletes expired documents within a day or so
        ]

    def _events(self) -> Any:
        return self._client.collection(COLLECTION)


def _event(name: str, stored: Mapping[str, Any]) -> AuditEvent:
    known = {field: stored[field] for field in _FIELDS if field in stored}
    known["origin"] = of_fields(Origin, stored.get("origin", {}))
    known["changes"] = tuple(of_fields(FieldChange, each) for each in stored.get("changes", ()))
    return AuditEvent(event_id=name, **known)


_FIELDS = [field.name for field in fields(AuditEvent) if field.name != "event_id"]
