"""Removes erased customers from segments and their snapshots, and what lies beneath deleted segments."""

import asyncio
import json
from bisect import bisect_right
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.audience.rules.erasure import without_ids
from crm.kernel.errors import Conflict
from crm.kernel.id_lists import MAX_BYTES, pack, unpack
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.segments.segment import SnapshotKind
from crm.segments.store.segments import COLLECTION
from crm.segments.store.snapshots import MAX_COMMIT, MEMBERS, delete, path_of, snapshots_of

_ATTEMPTS = 5
_CONCURRENCY = 8
"""Snapshots processed concurrently; each may hold several megabytes."""


class Mention(NamedTuple):
    """A segment snapshot that has the customer as a member. `name` is the segment's."""

    segment_id: str
    name: str
    at: datetime
    kind: SnapshotKind


class SegmentErasure:
    """Finds customers in segment snapshots, and removes them from these and from rules."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def segment_ids(self, after: str | None, limit: int) -> list[str]:
        """The ids of up to `limit` segments that follow `after`."""
        collection = self._client.collection("segments")
        query = collection.order_by("__name__").limit(limit)
        if after is not None:
            query = query.start_after({"__name__": collection.document(after)})
        return list((await documents.query(self._client, query.select([]))).documents)

    async def of_customer(self, customer_id: str) -> list[Mention]:
        """Every snapshot that has the customer as a member. Reads one document of ids for each snapshot."""
        segments = self._client.collection("segments").order_by("__name__").select(["name"])
        known = (await documents.query(self._client, segments)).documents
        slots = asyncio.Semaphore(_CONCURRENCY)

        async def mention(segment_id: str, name: str, snapshot: documents.Stored) -> Mention | None:
            parts = json.loads(snapshot.fields["parts"])
            number = bisect_right([part[1] for part in parts], customer_id) - 1
            if number < 0:
                return None
            path = f"{MEMBERS}/{parts[number][0]}"
            async with slots:
                stored = await documents.get(self._client, path)
                is_member = stored is not None and customer_id in unpack(stored.fields["ids"])
            if not is_member:
                return None
            return Mention(segment_id, name, snapshot.fields["at"], snapshot.fields["kind"])

        mentions: list[Mention | None] = []
        for segment_id, segment in known.items():
            query = snapshots_of(self._client, segment_id)
            found = await documents.query(self._client, query)
            mentions += await asyncio.gather(
                *(mention(segment_id, segment.fields["name"], each) for each in found.documents.values())
            )
        return [each for each in mentions if each is not None]

    async def erase_customers(self, segment_id: str, customer_ids: Collection[str]) -> None:
        """Remove customers from every snapshot of the segment, and from its rules. Safe to repeat."""
        await self._erase_from_rules(segment_id, customer_ids)
        query = snapshots_of(self._client, segment_id).select([])
        names = (await documents.query(self._client, query)).documents
        slots = asyncio.Semaphore(_CONCURRENCY)

        async def erase_from(name: str) -> None:
            async with slots:
                await self._erase_from(path_of(segment_id, name), customer_ids)

        await asyncio.gather(*map(erase_from, names))

    async def purge_segment(self, segment_id: str, limit: int) -> bool:
        """Delete up to `limit` snapshots and versions of a deleted segment; whether these were all."""
        under = f"segments/{segment_id}"
        query = snapshots_of(self._client, segment_id).limit(limit)
        snapshots = (await documents.query(self._client, query)).documents
        for name, stored in snapshots.items():
            parts = [f"{MEMBERS}/{part[0]}" for part in json.loads(stored.fields["parts"])]
            await delete(self._client, [*parts, path_of(segment_id, name)])
        versions = self._client.collection(f"{under}/versions").select([]).limit(limit)
        names = (await documents.query(self._client, versions)).documents
        await delete(self._client, [f"{under}/versions/{name}" for name in names])
        return len(snapshots) < limit and len(names) < limit

    async def _erase_from_rules(self, segment_id: str, customer_ids: Collection[str]) -> None:
        """Also from earlier versions. The present one first: a change would make it one of these."""
        path = f"{COLLECTION}/{segment_id}"
        await self._replace_rules(path, customer_ids)
        versions = self._client.collection(f"{path}/versions").select([])
        for name in (await documents.query(self._client, versions)).documents:
            await self._replace_rules(f"{path}/versions/{name}", customer_ids)

    async def _replace_rules(self, path: str, customer_ids: Collection[str]) -> None:
        for _ in range(_ATTEMPTS):
            stored = await documents.get(self._client, path, ["rules"])
            if stored is None:
                return
            rules = json.loads(stored.fields["rules"])
            left = without_ids(rules, customer_ids)
            if left == rules:
                return
            commit = Commit(self._client)
            commit.update(path, {"rules": json.dumps(left, separators=(",", ":"))}, stored.etag)
            try:
                await commit.send()
            except (api.FailedPrecondition, api.NotFound):
                continue
            return
        raise Conflict("A segment keeps changing.")

    async def _erase_from(self, path: str, customer_ids: Collection[str]) -> None:
        conflicts = 0
        while conflicts < _ATTEMPTS:
            snapshot = await documents.get(self._client, path)
            if snapshot is None:
                return
            commit = await self._removal(path, snapshot, customer_ids)
            if not len(commit):
                return
            try:
                await commit.send()
            except (api.FailedPrecondition, api.NotFound):
                conflicts += 1
        raise Conflict("A segment snapshot keeps changing.")

    async def _removal(self, path: str, snapshot: documents.Stored, customer_ids: Collection[str]) -> Commit:
        """A commit that removes customers from a snapshot, as many as fit; empty where none is a member."""
        parts = json.loads(snapshot.fields["parts"])
        firsts = [part[1] for part in parts]
        numbers = {bisect_right(firsts, customer_id) - 1 for customer_id in customer_ids} - {-1}
        erased = frozenset(customer_ids)
        commit = Commit(self._client)
        emptied: set[int] = set()
        forgotten = 0
        for number in sorted(numbers):
            name = f"{MEMBERS}/{parts[number][0]}"
            stored = await documents.get(self._client, name)
            if stored is None:
                continue
            ids = unpack(stored.fields["ids"])
            left = [each for each in ids if each not in erased]
            forgotten += len(ids) - len(left)
            if not left:
                commit.delete(name, stored.etag)
                emptied.add(number)
            elif len(left) < len(ids):
                commit.update(name, {"ids": pack(left)}, stored.etag)
                parts[number][1] = left[0]
            if commit.size > MAX_COMMIT - MAX_BYTES:
                break
        if forgotten:
            kept = [part for number, part in enumerate(parts) if number not in emptied]
            fields = {"parts": json.dumps(kept), "forgotten": snapshot.fields["forgotten"] + forgotten}
            commit.update(path, fields, snapshot.etag)
        return commit
