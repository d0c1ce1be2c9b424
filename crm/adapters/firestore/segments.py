"""The documents of `segments`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from google.api_core.exceptions import FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, AsyncQuery, DocumentSnapshot

from crm.adapters.firestore.reading import plain_time
from crm.adapters.google_errors import RETRY, TIMEOUT, translated
from crm.domain import errors
from crm.domain.segments import Segment

COLLECTION = "segments"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ATTEMPTS = 5


class Segments:
    """Reads and changes segments."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, segment_id: str) -> Segment:
        """The segment. Raises NotFound."""
        return decode(await self._read(segment_id))

    async def list(self, limit: int, cursor: str | None = None) -> tuple[Sequence[Segment], str | None]:
        """Up to `limit` segments, newest first, and the next page's cursor. Raises Invalid at "cursor"."""
        collection = self._client.collection(COLLECTION)
        query = collection.order_by("created_at", direction=AsyncQuery.DESCENDING)
        query = query.order_by("__name__", direction=AsyncQuery.DESCENDING).limit(limit + 1)
        if cursor is not None:
            created_at, segment_id = _place(cursor)
            query = query.start_after({"created_at": created_at, "__name__": collection.document(segment_id)})
        async with translated("The database"):
            found = [decode(snapshot) async for snapshot in query.stream(retry=RETRY, timeout=TIMEOUT)]
        return found[:limit], _cursor(found[limit - 1]) if len(found) > limit else None

    async def create(self, segment: Segment) -> None:
        """Store a new segment."""
        async with translated("The database"):
            await self._document(segment.segment_id).set(encode(segment), retry=RETRY, timeout=TIMEOUT)

    async def update(
        self, segment_id: str, name: str, rules: Mapping[str, Any], now: datetime, version: int | None
    ) -> Segment:
        """Give the segment another name and tree.

        `version` is the one that the caller saw; None changes whatever is there. Raises Conflict where
        another one is stored, NotFound.
        """
        for _ in range(_ATTEMPTS):
            snapshot = await self._read(segment_id)
            segment = decode(snapshot)
            if version is not None and version != segment.version:
                raise errors.Conflict(
                    f"Somebody else changed this segment: it is at version {segment.version}, not {version}."
                )
            changed = replace(segment, name=name, rules=rules, updated_at=now, version=segment.version + 1)
            option = self._client.write_option(last_update_time=snapshot.update_time)
            async with translated("The database"):
                try:
                    await snapshot.reference.update(
                        encode(changed), option=option, retry=RETRY, timeout=TIMEOUT
                    )
                except (FailedPrecondition, NotFound):
                    continue
            return changed
        raise errors.Unavailable("Too many changes to this segment at once.")

    async def delete(self, segment_id: str) -> None:
        """Delete the segment; of nothing is fine."""
        async with translated("The database"):
            await self._document(segment_id).delete(retry=RETRY, timeout=TIMEOUT)

    def _document(self, segment_id: str) -> Any:
        return self._client.collection(COLLECTION).document(segment_id)

    async def _read(self, segment_id: str) -> DocumentSnapshot[Any]:
        async with translated("The database"):
            snapshot: DocumentSnapshot[Any] = await self._document(segment_id).get(
                retry=RETRY, timeout=TIMEOUT
            )
        if not snapshot.exists:
            raise errors.NotFound("There is no such segment.")
        return snapshot


def encode(segment: Segment) -> dict[str, Any]:
    """The document of a segment."""
    return {
        "name": segment.name,
        # As text: Firestore would index every node of the tree, and refuses lists within lists.
        "rules": json.dumps(segment.rules, separators=(",", ":")),
        "version": segment.version,
        "created_at": segment.created_at,
        "created_by": segment.created_by,
        "updated_at": segment.updated_at,
    }


def decode(snapshot: DocumentSnapshot[Any]) -> Segment:
    """The segment of a document."""
    fields = snapshot.to_dict() or {}
    created_at, updated_at = plain_time(fields["created_at"]), plain_time(fields["updated_at"])
    assert created_at is not None
    assert updated_at is not None
    return Segment(
        segment_id=snapshot.id,
        name=fields["name"],
        rules=json.loads(fields["rules"]),
        version=fields["version"],
        created_at=created_at,
        created_by=fields["created_by"],
        updated_at=updated_at,
    )


def _cursor(segment: Segment) -> str:
    return f"{(segment.created_at - _EPOCH) // _MICROSECOND}-{segment.segment_id}"


def _place(cursor: str) -> tuple[datetime, str]:
    """The time and id of the page's last segment, which need not exist any more."""
    microseconds, _, segment_id = cursor.partition("-")
    if not (microseconds.isdecimal() and len(microseconds) < 18 and segment_id.isalnum()):
        raise errors.Invalid.at("cursor", "is not a cursor of this list")
    return _EPOCH + int(microseconds) * _MICROSECOND, segment_id
