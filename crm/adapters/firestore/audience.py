"""The audience as whoever counts reads it: the change log, kept in memory as tables."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from google.cloud.firestore import AsyncClient, DocumentSnapshot, FieldFilter

from crm.adapters import clock
from crm.adapters.firestore.audience_log import LOG
from crm.adapters.google_errors import RETRY, TIMEOUT, translated
from crm.audience.snapshot import Snapshot, snapshot_of
from crm.audience.tables import Tables, applied, empty

OVERLAP: Final = timedelta(seconds=30)
"""The server stamps a commit before it becomes visible, so a document may appear behind others that were
read already. Only names are read again for this long back."""

NAMES_AT_ONCE: Final = 2000
PAYLOADS_AT_ONCE: Final = 40
"""Documents of one read, so that each answers well within TIMEOUT."""


class AudienceReader:
    """The projection kept in memory: the whole log once, then what was added to it.

    Not for use from several event loops.
    """

    def __init__(self, client: AsyncClient, now: Callable[[], datetime] = clock.now) -> None:
        self._client = client
        self._now = now
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[Snapshot] | None = None
        self._tables = empty()
        self._snapshot: Snapshot | None = None
        self._seen: Mapping[str, datetime] = {}

    async def snapshot(self) -> Snapshot:
        """All customers and orders, with every commit that had returned before this call.

        Concurrent calls share one read of the log. Raises Unavailable where the database does not answer.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._refreshed())
        return await asyncio.shield(self._next)

    async def _refreshed(self) -> Snapshot:
        async with self._turn:
            self._next = None  # who asks from here on may know of a commit that this read misses
            as_of = self._now()
            added = await self._added()
            if added or self._snapshot is None:
                payloads = await self._payloads(list(added))
                tables, snapshot = await asyncio.to_thread(_laid_out, self._tables, payloads, as_of)
                self._tables, self._seen = tables, _recent({**self._seen, **added})
            else:
                snapshot = replace(self._snapshot, as_of=as_of)
            self._snapshot = snapshot
            return snapshot

    async def _added(self) -> dict[str, datetime]:
        """Names and times of the log's documents that have not been read yet, oldest first."""
        query = self._client.collection(LOG).select(["at"]).order_by("at").limit(NAMES_AT_ONCE)
        if self._seen:
            query = query.where(filter=FieldFilter("at", ">=", max(self._seen.values()) - OVERLAP))
        found: list[DocumentSnapshot[Any]] = []
        while True:
            async with translated("The database"):
                page = await query.get(retry=RETRY, timeout=TIMEOUT)
            found += page
            if len(page) < NAMES_AT_ONCE:
                return {each.id: each.get("at") for each in found if each.id not in self._seen}
            query = query.start_after(page[-1])

    async def _payloads(self, names: Sequence[str]) -> list[bytes]:
        payloads: list[bytes] = []
        for part in _parts(names, PAYLOADS_AT_ONCE):
            references = [self._client.collection(LOG).document(name) for name in part]
            async with translated("The database"):
                answers = self._client.get_all(references, retry=RETRY, timeout=TIMEOUT)
                payloads += [each.get("payload") async for each in answers]
        return payloads


def _laid_out(tables: Tables, payloads: Sequence[bytes], as_of: datetime) -> tuple[Tables, Snapshot]:
    changed = applied(tables, payloads)
    return changed, snapshot_of(changed, as_of)


def _recent(seen: Mapping[str, datetime]) -> Mapping[str, datetime]:
    """Those that the next read will meet again."""
    if not seen:
        return {}
    since = max(seen.values()) - OVERLAP
    return {name: at for name, at in seen.items() if at >= since}


def _parts(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]
