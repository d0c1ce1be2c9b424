"""What is left of erased customers in the points of segments, and of segments that were deleted."""

import asyncio
import json
from bisect import bisect_right
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.kernel.errors import Conflict
from crm.kernel.id_lists import MAX_BYTES, pack, unpack
from crm.platform.firestore import documents
from crm.segments.segment import PointKind
from crm.segments.store.snapshots import MAX_COMMIT, MEMBERS, delete, path_of, points_of

_ATTEMPTS = 5
_AT_ONCE = 8
"""Points in work at once; each may hold several megabytes."""


class Mention(NamedTuple):
    """A point of a segment that a customer is in."""

    segment_id: str
    name: str
    at: datetime
    kind: PointKind


class SegmentErasure:
    """Finds and removes them."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def segment_ids(self, after: str | None, limit: int) -> list[str]:
        """The ids of up to `limit` segments, from `after` on."""
        collection = self._client.collection("segments")
        query = collection.order_by("__name__").limit(limit)
        if after is not None:
            query = query.start_after({"__name__": collection.document(after)})
        return list((await documents.query(self._client, query.select([]))).documents)

    async def of_customer(self, customer_id: str) -> list[Mention]:
        """Every point that the customer is in. Reads one document of ids a point."""
        segments = self._client.collection("segments").order_by("__name__").select(["name"])
        known = (await documents.query(self._client, segments)).documents
        turn = asyncio.Semaphore(_AT_ONCE)

        async def mention(segment_id: str, name: str, point: documents.Stored) -> Mention | None:
            parts = json.loads(point.fields["parts"])
            place = bisect_right([first for _, first in parts], customer_id) - 1
            if place < 0:
                return None
            path = f"{MEMBERS}/{parts[place][0]}"
            async with turn:
                stored = (await documents.read(self._client, [path])).get(path)
                is_in = stored is not None and customer_id in unpack(stored.fields["ids"])
            return Mention(segment_id, name, point.fields["at"], point.fields["kind"]) if is_in else None

        mentions: list[Mention | None] = []
        for segment_id, segment in known.items():
            under = f"segments/{segment_id}"
            points = (
                await documents.query(self._client, points_of(self._client, segment_id), under=under)
            ).documents
            mentions += await asyncio.gather(
                *(mention(segment_id, segment.fields["name"], point) for point in points.values())
            )
        return [each for each in mentions if each is not None]

    async def erase_customers(self, segment_id: str, customer_ids: Collection[str]) -> None:
        """Remove customers from every point of the segment. Safe to repeat."""
        points = points_of(self._client, segment_id).select([])
        names = (await documents.query(self._client, points, under=f"segments/{segment_id}")).documents
        turn = asyncio.Semaphore(_AT_ONCE)

        async def erase_from(name: str) -> None:
            async with turn:
                await self._erase_from(path_of(segment_id, name), customer_ids)

        await asyncio.gather(*map(erase_from, names))

    async def purge_segment(self, segment_id: str, limit: int) -> bool:
        """Delete up to `limit` of what lies beneath a segment that is gone; whether that was all."""
        under = f"segments/{segment_id}"
        query = points_of(self._client, segment_id).limit(limit)
        points = (await documents.query(self._client, query, under=under)).documents
        for name, stored in points.items():
            parts = [f"{MEMBERS}/{part}" for part, _ in json.loads(stored.fields["parts"])]
            await delete(self._client, [*parts, path_of(segment_id, name)])
        versions = self._client.collection(f"{under}/versions").select([]).limit(limit)
        names = (await documents.query(self._client, versions, under=under)).documents
        await delete(self._client, [f"{under}/versions/{name}" for name in names])
        return len(points) < limit and len(names) < limit

    async def _erase_from(self, path: str, customer_ids: Collection[str]) -> None:
        conflicts = 0
        while conflicts < _ATTEMPTS:
            point = (await documents.read(self._client, [path])).get(path)
            if point is None:
                return
            commit = await self._without(path, point, customer_ids)
            if not len(commit):
                return
            try:
                await commit.send()
            except (api.FailedPrecondition, api.NotFound):
                conflicts += 1
        raise Conflict("A point of a segment changes all the time.")

    async def _without(
        self, path: str, point: documents.Stored, customer_ids: Collection[str]
    ) -> documents.Commit:
        """What takes customers out of a point, as much as one commit holds; empty where none is in it."""
        parts = json.loads(point.fields["parts"])
        firsts = [first for _, first in parts]
        places = {bisect_right(firsts, customer_id) - 1 for customer_id in customer_ids} - {-1}
        gone = frozenset(customer_ids)
        commit = documents.Commit(self._client)
        emptied: set[int] = set()
        forgotten = 0
        for place in sorted(places):
            name = f"{MEMBERS}/{parts[place][0]}"
            stored = (await documents.read(self._client, [name])).get(name)
            if stored is None:
                continue
            ids = unpack(stored.fields["ids"])
            left = [name for name in ids if name not in gone]
            forgotten += len(ids) - len(left)
            if not left:
                commit.delete(name, stored.etag)
                emptied.add(place)
            elif len(left) < len(ids):
                commit.update(name, {"ids": pack(left)}, stored.etag)
                parts[place][1] = left[0]
            if commit.size > MAX_COMMIT - MAX_BYTES:
                break
        if forgotten:
            kept = [part for place, part in enumerate(parts) if place not in emptied]
            fields = {"parts": json.dumps(kept), "forgotten": point.fields["forgotten"] + forgotten}
            commit.update(path, fields, point.etag)
        return commit
