"""The lease of compactions and rebuilds: one process at a time works on the blocks."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.kernel.errors import Unavailable
from crm.platform import clock
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

logger = logging.getLogger(__name__)

LEASE = "audience_state/lease"
LEASE_TIME: Final = timedelta(minutes=5)
RENEW_EVERY: Final = timedelta(seconds=100)
"""A rebuild takes longer than a lease lasts. The lease of a killed process is not renewed and expires."""


class CompactionLease:
    """Acquired by one process at a time, and renewed in the background until it is released."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._etag: Any = None
        self._released = asyncio.Event()
        self._renewal: asyncio.Task[None] | None = None

    async def acquire(self) -> bool:
        """Take the lease; False where another process holds it. Raises Unavailable."""
        stored = (await documents.get_many(self._client, [LEASE])).get(LEASE)
        now = clock.now()
        fields = {"owner": uuid4().hex, "until": now + LEASE_TIME}
        commit = Commit(self._client)
        if stored is None:
            commit.create(LEASE, fields)
        elif stored.fields["until"] <= now:
            commit.update(LEASE, fields, stored.etag)
        else:
            return False
        try:
            (self._etag,) = await commit.send()
        except (api.AlreadyExists, api.FailedPrecondition, api.NotFound):
            return False
        self._released.clear()
        self._renewal = asyncio.create_task(self._renew())
        return True

    async def release(self) -> None:
        """Give the lease back, if it is still held. Raises Unavailable."""
        self._released.set()
        if self._renewal is not None:
            await self._renewal  # a renewal under way changes the etag
        commit = Commit(self._client)
        commit.delete(LEASE, self._etag)
        try:
            await commit.send()
        except (api.FailedPrecondition, api.NotFound):
            logger.info("the lease on the audience had passed to another compactor")

    async def _renew(self) -> None:
        """Extend the lease repeatedly, until it is released or held by another process."""
        while not await self._is_released():
            commit = Commit(self._client)
            commit.update(LEASE, {"until": clock.now() + LEASE_TIME}, self._etag)
            try:
                (self._etag,) = await commit.send()
            except Unavailable:
                logger.warning("the lease on the audience could not be renewed")
            except (api.FailedPrecondition, api.NotFound):
                return

    async def _is_released(self) -> bool:
        """Wait until it is time to renew, or until the lease is released."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._released.wait(), RENEW_EVERY.total_seconds())
        return self._released.is_set()
