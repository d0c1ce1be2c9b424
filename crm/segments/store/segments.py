"""Stores segments and their earlier versions.

`segments/{id}` is the present definition. A change moves the one before to `segments/{id}/versions/{nnnnnn}`
in the same commit. `next_snapshot_at` is when the daily snapshot is due; `last_campaign` is written together
with the snapshot of a launch.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.kernel import errors
from crm.kernel.stored_values import of_fields
from crm.platform.firestore import cursors, documents
from crm.platform.firestore.commits import Commit
from crm.privacy.store import erasure_queue
from crm.segments.segment import LastCampaign, Segment, Version, version_of

COLLECTION = "segments"

_ATTEMPTS = 5


class Segments:
    """Reads and changes segments."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, segment_id: str) -> Segment:
        """The segment. Raises NotFound."""
        return decode(segment_id, (await self._document(segment_id)).fields)

    async def list(self, limit: int, cursor: str | None = None) -> tuple[Sequence[Segment], str | None]:
        """Up to `limit` segments, newest first, and the next page's cursor. Raises Invalid at "cursor"."""
        query = cursors.page_of(self._client.collection(COLLECTION), limit + 1, cursor)
        found = await self._found(query)
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], cursors.cursor_after(last.created_at, last.segment_id)

    async def due(self, now: datetime, limit: int) -> Sequence[Segment]:
        """Up to `limit` segments whose daily snapshot is due, the longest waiting first."""
        query = self._client.collection(COLLECTION).where(filter=FieldFilter("next_snapshot_at", "<=", now))
        return await self._found(query.order_by("next_snapshot_at").limit(limit))

    async def versions(
        self, segment_id: str, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[Version], str | None]:
        """Up to `limit` versions of the segment, newest first, and the next page's cursor.

        Raises NotFound, and Invalid at "cursor".
        """
        segment = await self.get(segment_id)
        present = [version_of(segment)] if cursor is None else []
        # The present one may be superseded, and so stored among the earlier ones, before these are read.
        below = segment.version if cursor is None else _version_in(cursor)
        query = self._client.collection(f"{_path(segment_id)}/versions").where(
            filter=FieldFilter("version", "<", below)
        )
        query = query.order_by("version", direction=AsyncQuery.DESCENDING).limit(limit + 1 - len(present))
        found = await documents.query(self._client, query)
        versions = [*present, *(_version(stored.fields) for stored in found.documents.values())]
        if len(versions) <= limit:
            return versions, None
        return versions[:limit], str(versions[limit - 1].version)

    async def create(self, segment: Segment, next_snapshot_at: datetime) -> None:
        """Store a new segment."""
        commit = Commit(self._client)
        commit.create(_path(segment.segment_id), {**encode(segment), "next_snapshot_at": next_snapshot_at})
        try:
            await commit.send()
        except AlreadyExists as error:
            raise errors.Conflict("There is a segment of this id already.") from error

    async def update(
        self,
        segment_id: str,
        name: str,
        rules: Mapping[str, Any],
        by: str,
        now: datetime,
        version: int | None,
    ) -> Segment:
        """Replace name and rules; the version before is kept.

        `version` is the one that the caller saw; None changes any version. Raises Conflict where another one
        is stored, NotFound, Unavailable.
        """
        for _ in range(_ATTEMPTS):
            seen = await self._document(segment_id)
            segment = decode(segment_id, seen.fields)
            if version is not None and version != segment.version:
                raise errors.Conflict(
                    f"Somebody else changed this segment: it is at version {segment.version}, not {version}."
                )
            changed = replace(
                segment, name=name, rules=rules, updated_at=now, updated_by=by, version=segment.version + 1
            )
            commit = Commit(self._client)
            commit.update(_path(segment_id), encode(changed), seen.etag)
            before = version_of(segment)
            commit.create(f"{_path(segment_id)}/versions/{before.version:06d}", _encode_version(before))
            try:
                await commit.send()
            except (AlreadyExists, FailedPrecondition, NotFound):
                continue
            return changed
        raise errors.Unavailable("Too many concurrent changes to this segment.")

    async def postpone(self, segment_id: str, next_snapshot_at: datetime) -> None:
        """Let the daily snapshot be due later. Where the segment changes meanwhile it stays due."""
        seen = await self._document(segment_id)
        commit = Commit(self._client)
        commit.update(_path(segment_id), {"next_snapshot_at": next_snapshot_at}, seen.etag)
        with suppress(FailedPrecondition, NotFound):
            await commit.send()

    async def delete(self, segment_id: str, now: datetime) -> None:
        """Delete the segment, if there is one, and queue the deletion of its snapshots and versions."""
        commit = Commit(self._client)
        commit.delete(_path(segment_id))
        erasure_queue.add_segment(commit, segment_id, now)
        await commit.send()

    async def _document(self, segment_id: str) -> documents.Stored:
        """The segment's document. Raises NotFound."""
        path = _path(segment_id)
        stored = await documents.get(self._client, path)
        if stored is None:
            raise errors.NotFound("There is no such segment.")
        return stored

    async def _found(self, query: AsyncQuery) -> Sequence[Segment]:
        found = await documents.query(self._client, query)
        return [decode(name, stored.fields) for name, stored in found.documents.items()]


def _version_in(cursor: str) -> int:
    """The version that a cursor names: the last one of its page. Raises Invalid at "cursor"."""
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise errors.Invalid.at("cursor", "is not a cursor of this list")
    return int(cursor)


def _path(segment_id: str) -> str:
    return f"{COLLECTION}/{segment_id}"


def encode(segment: Segment) -> dict[str, Any]:
    """The fields of a definition; the document has others, which a change leaves alone."""
    return {
        "name": segment.name,
        # As text: Firestore would index every node of the tree, and refuses lists within lists.
        "rules": json.dumps(segment.rules, separators=(",", ":")),
        "version": segment.version,
        "created_at": segment.created_at,
        "created_by": segment.created_by,
        "updated_at": segment.updated_at,
        "updated_by": segment.updated_by,
    }


def decode(segment_id: str, fields: Mapping[str, Any]) -> Segment:
    """The segment of a document."""
    last = fields.get("last_campaign")
    return Segment(
        segment_id=segment_id,
        name=fields["name"],
        rules=json.loads(fields["rules"]),
        version=fields["version"],
        created_at=fields["created_at"],
        created_by=fields["created_by"],
        updated_at=fields["updated_at"],
        updated_by=fields.get("updated_by", fields["created_by"]),
        last_campaign=of_fields(LastCampaign, last) if last else None,
    )


def _encode_version(version: Version) -> dict[str, Any]:
    return {
        "version": version.version,
        "name": version.name,
        "rules": json.dumps(version.rules, separators=(",", ":")),
        "changed_at": version.changed_at,
        "changed_by": version.changed_by,
    }


def _version(fields: Mapping[str, Any]) -> Version:
    return of_fields(Version, fields, rules=json.loads(fields["rules"]))
