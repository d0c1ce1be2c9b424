"""What compactors and rebuilders work with: `crm.audience.usecases.compact.AudienceStore` in Firestore."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.audience.engine.blocks import unpack_block
from crm.audience.engine.tables import Tables, empty, rows_of
from crm.audience.projection.manifest import DamagedBlock, Manifest, Piece
from crm.audience.projection.partitions import folded
from crm.audience.store.blocks import BLOCKS, AudienceBlocks
from crm.audience.store.source import FirestoreSource, joined
from crm.audience.store.tail import read_on, start
from crm.audience.usecases.compact import BEGINNING, LogPart
from crm.customers.store.change_log import ERASED, LOG
from crm.kernel.batches import batched
from crm.kernel.errors import Unavailable
from crm.kernel.versioned import Seen
from crm.platform import clock
from crm.platform.firestore import documents

logger = logging.getLogger(__name__)

LEASE = "audience_state/lease"
LEASE_TIME: Final = timedelta(minutes=5)
RENEW_EVERY: Final = timedelta(seconds=100)
"""A rebuild takes longer than a lease lasts. Whoever is killed renews no more."""

SETTLED: Final = timedelta(seconds=90)
"""Log documents older than this are folded. A reader looks at the manifest at least every
`audience.HEAD_EVERY`, and back by `audience_tail.OVERLAP`: what it still needs is younger than this."""

PAGE: Final = 40
MAX_FOLDED_BYTES: Final = 8_000_000
MAX_FOLDED_DOCUMENTS: Final = 2_000
"""Of one compaction, which bounds its time and memory."""

ATTEMPTS: Final = 5

DELETED_AT_ONCE: Final = 500


class FirestoreAudience:
    """The projection at rest. `settled` is for tests: how old a log document is before it is folded."""

    def __init__(self, client: AsyncClient, settled: timedelta = SETTLED) -> None:
        self._client = client
        self._settled = settled
        self._blocks = AudienceBlocks(client)
        self._source = FirestoreSource(client)
        self._lease: Any = None
        self._given_back = asyncio.Event()
        self._renewal: asyncio.Task[None] | None = None

    async def lease(self) -> bool:
        stored = (await documents.read(self._client, [LEASE])).get(LEASE)
        now = clock.now()
        fields = {"owner": uuid4().hex, "until": now + LEASE_TIME}
        commit = documents.Commit(self._client)
        if stored is None:
            commit.create(LEASE, fields)
        elif stored.fields["until"] <= now:
            commit.update(LEASE, fields, stored.etag)
        else:
            return False
        try:
            (self._lease,) = await commit.send()
        except (api.AlreadyExists, api.FailedPrecondition, api.NotFound):
            return False
        self._given_back.clear()
        self._renewal = asyncio.create_task(self._renew())
        return True

    async def release(self) -> None:
        self._given_back.set()
        if self._renewal is not None:
            await self._renewal  # it may be about to bring a newer version of the lease
        commit = documents.Commit(self._client)
        commit.delete(LEASE, self._lease)
        try:
            await commit.send()
        except (api.FailedPrecondition, api.NotFound):
            logger.info("the lease on the audience had passed to another compactor")

    async def _renew(self) -> None:
        """Lengthens the lease again and again, until it is given back or has passed to another."""
        while not await self._is_given_back():
            commit = documents.Commit(self._client)
            commit.update(LEASE, {"until": clock.now() + LEASE_TIME}, self._lease)
            try:
                (self._lease,) = await commit.send()
            except Unavailable:
                logger.warning("the lease on the audience could not be renewed")
            except (api.FailedPrecondition, api.NotFound):
                return

    async def _is_given_back(self) -> bool:
        """Waits until it is time to renew, or until there is nothing to renew any more."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._given_back.wait(), RENEW_EVERY.total_seconds())
        return self._given_back.is_set()

    async def manifest(self) -> Seen[Manifest | None]:
        return await self._blocks.manifest()

    async def settled(self) -> datetime:
        return (await documents.query(self._client, self._log().select(["at"]).limit(1))).at - self._settled

    async def log(self, since: datetime) -> LogPart:
        query = self._log().where(filter=FieldFilter("at", ">=", since)).limit(PAGE)
        page = await documents.query(self._client, query)
        end = page.at - self._settled
        found = list(page.documents.items())
        while len(page.documents) == PAGE and not _is_full(found) and _stamp(found[-1]) < end:
            page = await documents.query(self._client, query.start_after(self._cursor(found[-1])))
            found += page.documents.items()
        more = _is_full(found) and _stamp(found[-1]) < end
        if more:
            end = _stamp(found[-1])  # others may bear the same stamp and come next time, with this one
        payloads = [document.fields["payload"] for _, document in found if document.fields["at"] < end]
        return LogPart(payloads=payloads, end=end, more=more)

    async def erasures(self) -> Sequence[datetime]:
        marked = self._client.collection(LOG).where(filter=FieldFilter(ERASED, "==", True)).select(["at"])
        return [
            each.fields["at"] for each in (await documents.query(self._client, marked)).documents.values()
        ]

    async def waiting(self, since: datetime) -> int:
        """One read for each thousand of them."""
        end = clock.now() - self._settled
        return await documents.count(
            self._client,
            self._client.collection(LOG)
            .where(filter=FieldFilter("at", ">=", since))
            .where(filter=FieldFilter("at", "<", end)),
        )

    async def rows(self, manifest: Manifest, partition: int) -> Tables:
        try:
            return await self._stored(manifest, partition)
        except DamagedBlock as damage:
            logger.error("audience %s; its customers are read instead", damage)
            return await self._source.partition(partition, len(manifest.blocks))

    async def tables(self) -> Tables:
        """The whole projection, blocks and log. A damaged block is named and left out."""
        for _ in range(ATTEMPTS):
            seen = await self.manifest()
            manifest = seen.row
            parts = (
                [await self._readable(manifest, n) for n in range(len(manifest.blocks))] if manifest else []
            )
            payloads, _ = await read_on(self._client, start(manifest.folded if manifest else BEGINNING))
            if (await self.manifest()).etag == seen.etag:
                told = await asyncio.to_thread(rows_of, payloads)
                return await asyncio.to_thread(folded, joined(parts), told, told)
        raise Unavailable("The audience is being compacted all the time.")

    async def _readable(self, manifest: Manifest, partition: int) -> Tables:
        try:
            return await self._stored(manifest, partition)
        except DamagedBlock as damage:
            logger.error("audience %s", damage)
            return empty()

    async def _stored(self, manifest: Manifest, partition: int) -> Tables:
        blocks = await self._blocks.read(manifest, [partition])
        return await asyncio.to_thread(_unpacked, partition, manifest, blocks)

    async def write(self, partition: int, block: bytes) -> tuple[Piece, ...]:
        return await self._blocks.write(partition, block)

    async def switch(self, seen: Seen[Manifest | None], manifest: Manifest) -> Seen[Manifest | None]:
        return await self._blocks.switch(seen, manifest)

    async def clear(self, seen: Seen[Manifest | None], kept: frozenset[str] = frozenset()) -> None:
        assert seen.row is not None
        # Whoever read an older manifest cannot switch any more, so of what was written before this one
        # nothing will ever be named that it does not name itself.
        switched, needed = documents.moment(seen.etag), seen.row.names | kept
        blocks = await documents.query(self._client, self._client.collection(BLOCKS).select(["__name__"]))
        await self._delete(
            BLOCKS,
            [
                name
                for name, document in blocks.documents.items()
                if name not in needed and document.created_at < switched
            ],
        )
        old = self._client.collection(LOG).where(filter=FieldFilter("at", "<", seen.row.trimmed))
        log = (await documents.query(self._client, old.select([ERASED]))).documents
        # Erasures last: while one is there, the next compaction knows that this has to be done at once.
        await self._delete(LOG, [name for name, document in log.items() if not document.fields])
        await self._delete(LOG, [name for name, document in log.items() if document.fields])

    async def _delete(self, collection: str, names: Sequence[str]) -> None:
        for batch in batched(names, DELETED_AT_ONCE):
            commit = documents.Commit(self._client)
            for name in batch:
                commit.delete(f"{collection}/{name}")
            await commit.send()

    def _log(self) -> AsyncQuery:
        return self._client.collection(LOG).order_by("at").order_by("__name__")

    def _cursor(self, document: tuple[str, documents.Stored]) -> dict[str, Any]:
        return {"at": _stamp(document), "__name__": self._client.collection(LOG).document(document[0])}


def _unpacked(partition: int, manifest: Manifest, blocks: Sequence[bytes]) -> Tables:
    try:
        return unpack_block(blocks[0]) if blocks else empty()
    except ValueError as error:
        raise DamagedBlock(partition, manifest.blocks[partition][0].name, str(error)) from error


def _stamp(document: tuple[str, documents.Stored]) -> datetime:
    at: datetime = document[1].fields["at"]
    return at


def _is_full(found: Sequence[tuple[str, documents.Stored]]) -> bool:
    """Whether this is enough for one compaction. One stamp cannot be cut in two."""
    size = sum(len(document.fields["payload"]) for _, document in found)
    enough = size >= MAX_FOLDED_BYTES or len(found) >= MAX_FOLDED_DOCUMENTS
    return enough and _stamp(found[0]) != _stamp(found[-1])
