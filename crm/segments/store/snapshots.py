"""Points of segments: who was in one at a moment, packed.

`segments/{id}/points/{point}` says when, why and how many; it names the documents of `segment_members` that
hold the ids, in their order, packed by `crm.kernel.id_lists`. Those are written first, under names
that nobody had before: a point that was half written is never seen. All go at `expires_at`.
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

from crm.kernel.batches import batched, packed
from crm.kernel.errors import NotFound, Unavailable
from crm.kernel.id_lists import cut, pack, unpack
from crm.platform.firestore import documents
from crm.segments.segment import POINTS_KEPT, LastCampaign, Point

MEMBERS: Final = "segment_members"
PART_SIZE: Final = 50_000
"""Ids of one document, or fewer where they are long."""

MAX_COMMIT: Final = 3_000_000
"""Bytes of a commit: the emulator takes no message over 4 MiB."""

READ_AT_ONCE: Final = 8
"""Documents of one read; eight of the largest are 7 MB."""

DELETED_AT_ONCE: Final = 400

_ATTEMPTS: Final = 5


class SegmentPoints:
    """Writes and reads points."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def write(
        self,
        point: Point,
        ids: pl.Series,
        next_point_at: datetime | None = None,
        campaign_name: str | None = None,
    ) -> bool:
        """Keep the point; whether it was not there yet. With the segment's own news in the same commit: when
        the next daily one is due, and which campaign was its last. Raises NotFound for no such segment.
        """
        parts = list(cut(ids.sort().to_list(), PART_SIZE))
        names = await self._written(point, await to_thread(lambda: [pack(part) for part in parts]))
        fields = {
            "at": point.at,
            "kind": point.kind,
            "matched": point.matched,
            "version": point.version,
            "campaign_id": point.campaign_id,
            "by": point.by,
            "forgotten": 0,
            # As text: Firestore would index each id.
            "parts": json.dumps([[name, part[0]] for name, part in zip(names, parts, strict=True)]),
            "expires_at": point.at + POINTS_KEPT,
        }
        for _ in range(_ATTEMPTS):
            try:
                return await self._noted(point, fields, next_point_at, campaign_name)
            except api.AlreadyExists:
                await self._skip(point, next_point_at)
                await delete(self._client, [f"{MEMBERS}/{name}" for name in names])
                return False
            except (api.FailedPrecondition, api.NotFound):
                continue
            except NotFound:
                await delete(self._client, [f"{MEMBERS}/{name}" for name in names])
                raise
        raise Unavailable("Too many changes to this segment at once.")

    async def exists(self, segment_id: str, point_id: str) -> bool:
        """Whether there is such a point, or no such segment any more."""
        paths = [f"segments/{segment_id}", path_of(segment_id, point_id)]
        found = await documents.read(self._client, paths)
        return paths[0] not in found or paths[1] in found

    async def get(self, segment_id: str, point_id: str, now: datetime) -> Point:
        """The point. Raises NotFound."""
        return _decoded(segment_id, point_id, (await self._read(segment_id, point_id, now)).fields)

    async def newest(self, segment_id: str, now: datetime, limit: int) -> Sequence[Point]:
        """Up to `limit` points of the segment, newest first."""
        query = points_of(self._client, segment_id).limit(limit)
        found = await documents.query(self._client, query, under=f"segments/{segment_id}")
        return [
            _decoded(segment_id, name, stored.fields)
            for name, stored in found.documents.items()
            if stored.fields["expires_at"] > now
        ]

    async def ids(self, segment_id: str, point_id: str, now: datetime) -> pl.Series:
        """The ids of those who were in the segment and were not erased since. Raises NotFound."""
        for _ in range(_ATTEMPTS):
            stored = await self._read(segment_id, point_id, now)
            names = [name for name, _ in json.loads(stored.fields["parts"])]
            found = await self._members(names)
            if len(found) == len(names):
                ids = chain.from_iterable(unpack(found[name]) for name in names)
                return pl.Series("id", ids, dtype=pl.String)
        raise NotFound("This point is not there any more.")

    async def _written(self, point: Point, payloads: Sequence[bytes]) -> list[str]:
        token = uuid4().hex
        names = [f"{token}-{number}" for number in range(len(payloads))]
        named = zip(names, payloads, strict=True)
        for batch in packed(named, lambda each: len(each[1]), MAX_COMMIT):
            commit = documents.Commit(self._client)
            for name, payload in batch:
                fields = {"ids": payload, "expires_at": point.at + POINTS_KEPT}
                commit.create(f"{MEMBERS}/{name}", fields)
            await commit.send()
        return names

    async def _noted(
        self,
        point: Point,
        fields: Mapping[str, Any],
        next_point_at: datetime | None,
        campaign_name: str | None,
    ) -> bool:
        path = f"segments/{point.segment_id}"
        segment = (await documents.read(self._client, [path])).get(path)
        if segment is None:
            raise NotFound("There is no such segment.")
        news: dict[str, Any] = {}
        if next_point_at is not None:
            news["next_point_at"] = next_point_at
        if point.campaign_id is not None and campaign_name is not None:
            last = LastCampaign(
                campaign_id=point.campaign_id, name=campaign_name, at=point.at, point_id=point.point_id
            )
            known = segment.fields.get("last_campaign")
            if not known or known["at"] < last.at:
                news["last_campaign"] = {name: getattr(last, name) for name in LastCampaign.__slots__}
        commit = documents.Commit(self._client)
        commit.create(path_of(point.segment_id, point.point_id), fields)
        # Even without news: a point is only ever written beneath a segment that is there.
        commit.update(path, news, segment.etag)
        await commit.send()
        return True

    async def _skip(self, point: Point, next_point_at: datetime | None) -> None:
        """Of two who wrote the same point, the later one sees that the next is asked for."""
        if next_point_at is None:
            return
        path = f"segments/{point.segment_id}"
        segment = (await documents.read(self._client, [path])).get(path)
        if segment is None:
            return
        commit = documents.Commit(self._client)
        commit.update(path, {"next_point_at": next_point_at}, segment.etag)
        try:
            await commit.send()
        except (api.FailedPrecondition, api.NotFound):
            return  # the next tick finds it due again

    async def _read(self, segment_id: str, point_id: str, now: datetime) -> documents.Stored:
        path = path_of(segment_id, point_id)
        stored = (await documents.read(self._client, [path])).get(path)
        if stored is None or stored.fields["expires_at"] <= now:
            raise NotFound("There is no such point.")
        return stored

    async def _members(self, names: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for batch in batched(names, READ_AT_ONCE):
            paths = [f"{MEMBERS}/{name}" for name in batch]
            for path, stored in (await documents.read(self._client, paths)).items():
                found[path.rpartition("/")[2]] = stored.fields["ids"]
        return found


def points_of(client: AsyncClient, segment_id: str) -> AsyncQuery:
    """The points of a segment, newest first; to be asked under the segment."""
    points = client.collection(f"segments/{segment_id}/points")
    return points.order_by("at", direction=AsyncQuery.DESCENDING)


async def delete(client: AsyncClient, paths: Sequence[str]) -> None:
    """Delete these documents, some at a time."""
    for batch in batched(paths, DELETED_AT_ONCE):
        commit = documents.Commit(client)
        for path in batch:
            commit.delete(path)
        await commit.send()


def path_of(segment_id: str, point_id: str) -> str:
    """Where a point is."""
    return f"segments/{segment_id}/points/{point_id}"


def _decoded(segment_id: str, point_id: str, fields: Mapping[str, Any]) -> Point:
    names = ("at", "kind", "matched", "version", "campaign_id", "by", "forgotten")
    return Point(point_id=point_id, segment_id=segment_id, **{name: fields[name] for name in names})
