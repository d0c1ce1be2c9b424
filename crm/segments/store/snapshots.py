"""Stores segment snapshots: the members of a segment at one time, packed.

`segments/{id}/snapshots/{snapshot}` has the time, the reason and the count; it names the documents of
`segment_members` that hold the sorted ids, packed by `crm.kernel.id_lists`. Those are written first, under
new names, so a half-written snapshot is never visible. All expire at `expires_at`.
"""

import json
from asyncio import to_thread
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final
from uuid import uuid4

import polars as pl
from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient, AsyncQuery

from crm import retention
from crm.kernel.batches import batched, packed
from crm.kernel.errors import NotFound, Unavailable
from crm.kernel.id_lists import cut, pack, unpack
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.segments.segment import LastCampaign, SegmentSnapshot

MEMBERS: Final = "segment_members"
PART_SIZE: Final = 50_000
"""Ids of one document, or fewer where they are long."""

MAX_COMMIT: Final = 3_000_000
"""Bytes of a commit: the emulator accepts no message over 4 MiB."""

READ_BATCH: Final = 8
"""Documents of one read; eight of the largest are 7 MB."""

DELETE_BATCH: Final = 400
"""Documents of one deleting commit."""

_ATTEMPTS: Final = 5


class SegmentSnapshots:
    """Writes and reads segment snapshots."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def write(
        self,
        snapshot: SegmentSnapshot,
        ids: pl.Series,
        next_snapshot_at: datetime | None = None,
        campaign_name: str | None = None,
    ) -> bool:
        """Store the snapshot; False where one of its id exists.

        The same commit updates the segment: when the next daily snapshot is due, and its last campaign.
        Raises NotFound where the segment is gone, Unavailable.
        """
        parts = list(cut(ids.sort().to_list(), PART_SIZE))
        names = await self._write_members(snapshot, await to_thread(lambda: [pack(part) for part in parts]))
        fields = {
            "at": snapshot.at,
            "kind": snapshot.kind,
            "matched": snapshot.matched,
            "version": snapshot.version,
            "campaign_id": snapshot.campaign_id,
            "by": snapshot.by,
            "forgotten": 0,
            # As text: Firestore would index each id.
            "parts": json.dumps([[name, part[0]] for name, part in zip(names, parts, strict=True)]),
            "expires_at": snapshot.at + retention.kept("segment_snapshots"),
        }
        for _ in range(_ATTEMPTS):
            try:
                await self._commit(snapshot, fields, next_snapshot_at, campaign_name)
                return True
            except api.AlreadyExists:
                await self._postpone(snapshot.segment_id, next_snapshot_at)
                await delete(self._client, [f"{MEMBERS}/{name}" for name in names])
                return False
            except (api.FailedPrecondition, api.NotFound):
                continue
            except NotFound:
                await delete(self._client, [f"{MEMBERS}/{name}" for name in names])
                raise
        raise Unavailable("Too many concurrent changes to this segment.")

    async def is_settled(self, segment_id: str, snapshot_id: str) -> bool:
        """Whether there is such a snapshot, or no such segment any more."""
        paths = [f"segments/{segment_id}", path_of(segment_id, snapshot_id)]
        found = await documents.get_many(self._client, paths)
        return paths[0] not in found or paths[1] in found

    async def get(self, segment_id: str, snapshot_id: str, now: datetime) -> SegmentSnapshot:
        """The snapshot. Raises NotFound."""
        return _decoded(segment_id, snapshot_id, (await self._document(segment_id, snapshot_id, now)).fields)

    async def newest(self, segment_id: str, now: datetime, limit: int) -> Sequence[SegmentSnapshot]:
        """Up to `limit` snapshots of the segment, newest first."""
        query = snapshots_of(self._client, segment_id).limit(limit)
        found = await documents.query(self._client, query)
        return [
            _decoded(segment_id, name, stored.fields)
            for name, stored in found.documents.items()
            if stored.fields["expires_at"] > now
        ]

    async def ids(self, segment_id: str, snapshot_id: str, now: datetime) -> pl.Series:
        """The ids of the members who were not erased since. Raises NotFound."""
        for _ in range(_ATTEMPTS):
            stored = await self._document(segment_id, snapshot_id, now)
            names = [part[0] for part in json.loads(stored.fields["parts"])]
            found = await self._members(names)
            if len(found) == len(names):
                ids = chain.from_iterable(unpack(found[name]) for name in names)
                return pl.Series("id", ids, dtype=pl.String)
        raise NotFound("This snapshot is not there any more.")

    async def _write_members(self, snapshot: SegmentSnapshot, payloads: Sequence[bytes]) -> list[str]:
        token = uuid4().hex
        names = [f"{token}-{number}" for number in range(len(payloads))]
        named = zip(names, payloads, strict=True)
        for batch in packed(named, lambda each: len(each[1]), MAX_COMMIT):
            commit = Commit(self._client)
            for name, payload in batch:
                fields = {"ids": payload, "expires_at": snapshot.at + retention.kept("segment_snapshots")}
                commit.create(f"{MEMBERS}/{name}", fields)
            await commit.send()
        return names

    async def _commit(
        self,
        snapshot: SegmentSnapshot,
        fields: Mapping[str, Any],
        next_snapshot_at: datetime | None,
        campaign_name: str | None,
    ) -> None:
        path = f"segments/{snapshot.segment_id}"
        segment = await documents.get(self._client, path)
        if segment is None:
            raise NotFound("There is no such segment.")
        changes: dict[str, Any] = {}
        if next_snapshot_at is not None:
            changes["next_snapshot_at"] = next_snapshot_at
        if snapshot.campaign_id is not None and campaign_name is not None:
            last = LastCampaign(
                campaign_id=snapshot.campaign_id,
                name=campaign_name,
                at=snapshot.at,
                snapshot_id=snapshot.snapshot_id,
            )
            known = segment.fields.get("last_campaign")
            if not known or known["at"] < last.at:
                changes["last_campaign"] = {name: getattr(last, name) for name in LastCampaign.__slots__}
        commit = Commit(self._client)
        commit.create(path_of(snapshot.segment_id, snapshot.snapshot_id), fields)
        # Also without changes: the commit fails if the segment was deleted meanwhile.
        commit.update(path, changes, segment.etag)
        await commit.send()

    async def _postpone(self, segment_id: str, next_snapshot_at: datetime | None) -> None:
        """After another worker wrote the same snapshot: make sure that the next one is scheduled."""
        if next_snapshot_at is None:
            return
        path = f"segments/{segment_id}"
        segment = await documents.get(self._client, path)
        if segment is None:
            return
        commit = Commit(self._client)
        commit.update(path, {"next_snapshot_at": next_snapshot_at}, segment.etag)
        try:
            await commit.send()
        except (api.FailedPrecondition, api.NotFound):
            return  # the next tick finds it due again

    async def _document(self, segment_id: str, snapshot_id: str, now: datetime) -> documents.Stored:
        path = path_of(segment_id, snapshot_id)
        stored = await documents.get(self._client, path)
        if stored is None or stored.fields["expires_at"] <= now:
            raise NotFound("There is no such snapshot.")
        return stored

    async def _members(self, names: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for batch in batched(names, READ_BATCH):
            paths = [f"{MEMBERS}/{name}" for name in batch]
            for path, stored in (await documents.get_many(self._client, paths)).items():
                found[path.rpartition("/")[2]] = stored.fields["ids"]
        return found


def snapshots_of(client: AsyncClient, segment_id: str) -> AsyncQuery:
    """The query for the snapshots of a segment, newest first."""
    snapshots = client.collection(f"segments/{segment_id}/snapshots")
    return snapshots.order_by("at", direction=AsyncQuery.DESCENDING)


async def delete(client: AsyncClient, paths: Sequence[str]) -> None:
    """Delete these documents, in batches."""
    for batch in batched(paths, DELETE_BATCH):
        commit = Commit(client)
        for path in batch:
            commit.delete(path)
        await commit.send()


def path_of(segment_id: str, snapshot_id: str) -> str:
    """The document path of a snapshot."""
    return f"segments/{segment_id}/snapshots/{snapshot_id}"


def _decoded(segment_id: str, snapshot_id: str, fields: Mapping[str, Any]) -> SegmentSnapshot:
    names = ("at", "kind", "matched", "version", "campaign_id", "by", "forgotten")
    stored = {name: fields[name] for name in names}
    return SegmentSnapshot(snapshot_id=snapshot_id, segment_id=segment_id, **stored)
