"""The stored audience: blocks, manifest and change log in Firestore, for compactions and rebuilds."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.audience.engine.blocks import unpack_block
from crm.audience.engine.tables import Tables, empty, rows_of
from crm.audience.projection.manifest import DamagedBlock, Manifest
from crm.audience.projection.partitions import folded
from crm.audience.store.blocks import BLOCKS, AudienceBlocks
from crm.audience.store.lease import CompactionLease
from crm.audience.store.source import FirestoreSource, joined
from crm.audience.store.tail import read_on, start
from crm.audience.usecases.compact import BEGINNING, LogPart
from crm.customers.store.change_log import ERASED, LOG
from crm.kernel.batches import batched
from crm.kernel.errors import Unavailable
from crm.kernel.versioned import Seen
from crm.platform import clock
from crm.platform.firestore import documents, values
from crm.platform.firestore.commits import Commit

logger = logging.getLogger(__name__)

SETTLED: Final = timedelta(seconds=90)
"""Log documents older than this may be folded. Readers no longer need them: they check the manifest at least
every `reader.HEAD_EVERY`, and read back by `tail.OVERLAP`."""

PAGE: Final = 40
MAX_FOLDED_BYTES: Final = 8_000_000
MAX_FOLDED_DOCUMENTS: Final = 2_000
"""Limits of one compaction, which bound its time and memory."""

ATTEMPTS: Final = 5

DELETED_PER_COMMIT: Final = 500


class FirestoreAudience(AudienceBlocks):
    """`crm.audience.usecases.compact.AudienceStore` in Firestore.

    `settled` is the age at which a log document may be folded; tests set it to zero.
    """

    def __init__(self, client: AsyncClient, settled: timedelta = SETTLED) -> None:
        super().__init__(client)
        self._settled = settled
        self._source = FirestoreSource(client)
        self._lease = CompactionLease(client)

    async def lease(self) -> bool:
        """Take the compactors' lease; False where another process holds it."""
        return await self._lease.acquire()

    async def release(self) -> None:
        """Release the lease."""
        await self._lease.release()

    def new_epoch(self) -> str:
        """A random name for `Manifest.epoch`."""
        return uuid4().hex

    async def settled(self) -> datetime:
        """The time before which the log is complete."""
        return (await documents.query(self._client, self._log().select(["at"]).limit(1))).at - self._settled

    async def log(self, since: datetime) -> LogPart:
        """The oldest part of the settled log since `since`."""
        query = self._log().where(filter=FieldFilter("at", ">=", since)).limit(PAGE)
        page = await documents.query(self._client, query)
        end = page.at - self._settled
        found = list(page.documents.items())
        while len(page.documents) == PAGE and not _is_full(found) and _time(found[-1]) < end:
            page = await documents.query(self._client, query.start_after(self._cursor(found[-1])))
            found += page.documents.items()
        more = _is_full(found) and _time(found[-1]) < end
        if more:
            end = _time(found[-1])  # documents with the same time are folded together, by the next compaction
        payloads = [document.fields["payload"] for _, document in found if document.fields["at"] < end]
        return LogPart(payloads=payloads, end=end, more=more)

    async def erasures(self) -> Sequence[datetime]:
        """The times of log documents that erase customers."""
        marked = self._client.collection(LOG).where(filter=FieldFilter(ERASED, "==", True)).select(["at"])
        return [
            each.fields["at"] for each in (await documents.query(self._client, marked)).documents.values()
        ]

    async def waiting(self, since: datetime) -> int:
        """The number of settled log documents since `since`. Costs a read for each thousand."""
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
        """Blocks and log together, as a new reader would see them. A damaged block is logged and left out."""
        for _ in range(ATTEMPTS):
            seen = await self.manifest()
            manifest = seen.row
            parts = (
                [await self._readable(manifest, n) for n in range(len(manifest.blocks))] if manifest else []
            )
            payloads, _ = await read_on(self._client, start(manifest.folded if manifest else BEGINNING))
            if (await self.manifest()).etag == seen.etag:
                changes = await asyncio.to_thread(rows_of, payloads)
                return await asyncio.to_thread(folded, joined(parts), changes, changes)
        raise Unavailable("The audience is being compacted all the time.")

    async def _readable(self, manifest: Manifest, partition: int) -> Tables:
        try:
            return await self._stored(manifest, partition)
        except DamagedBlock as damage:
            logger.error("audience %s", damage)
            return empty()

    async def _stored(self, manifest: Manifest, partition: int) -> Tables:
        blocks = await self.read(manifest, [partition])
        return await asyncio.to_thread(_unpacked, partition, manifest, blocks)

    async def clear(self, seen: Seen[Manifest | None], kept: frozenset[str] = frozenset()) -> None:
        assert seen.row is not None
        # A process that read an older manifest can no longer replace this one. So blocks written before it
        # are never needed, except those that it refers to.
        switched, needed = values.moment(seen.etag), seen.row.names | kept
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
        # Erasures last: while one remains, the next compaction deletes immediately.
        await self._delete(LOG, [name for name, document in log.items() if not document.fields])
        await self._delete(LOG, [name for name, document in log.items() if document.fields])

    async def _delete(self, collection: str, names: Sequence[str]) -> None:
        for batch in batched(names, DELETED_PER_COMMIT):
            commit = Commit(self._client)
            for name in batch:
                commit.delete(f"{collection}/{name}")
            await commit.send()

    def _log(self) -> AsyncQuery:
        return self._client.collection(LOG).order_by("at").order_by("__name__")

    def _cursor(self, document: tuple[str, documents.Stored]) -> dict[str, Any]:
        return {"at": _time(document), "__name__": self._client.collection(LOG).document(document[0])}


def _unpacked(partition: int, manifest: Manifest, blocks: Sequence[bytes]) -> Tables:
    try:
        return unpack_block(blocks[0]) if blocks else empty()
    except ValueError as error:
        raise DamagedBlock(partition, manifest.blocks[partition][0].name, str(error)) from error


def _time(document: tuple[str, documents.Stored]) -> datetime:
    at: datetime = document[1].fields["at"]
    return at


def _is_full(found: Sequence[tuple[str, documents.Stored]]) -> bool:
    """Whether this is enough for one compaction. Documents of the same time are not separated."""
    size = sum(len(document.fields["payload"]) for _, document in found)
    enough = size >= MAX_FOLDED_BYTES or len(found) >= MAX_FOLDED_DOCUMENTS
    return enough and _time(found[0]) != _time(found[-1])
