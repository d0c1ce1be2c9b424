"""Verifies API keys, and caches what was read of them for half a minute."""

import asyncio
import hmac
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from crm.access.api_keys import ApiKey, StoredKey, digest_of, parts_of
from crm.access.refused_callers import Reason
from crm.kernel.errors import CrmError, Unauthenticated

logger = logging.getLogger(__name__)

CACHE_SECONDS: Final = 30.0
"""How long a reading is cached: the longest time for which a revoked key still works."""

MAX_UNKNOWN: Final = 10_000
"""Ids without a key that are cached; the oldest goes first."""

NOTE_EVERY: Final = timedelta(minutes=10)
"""Least time between two notes of a key's use."""


_UNKNOWN: Final = "The API key is unknown or has been revoked."
"""One text for both: it tells nobody whether an id exists."""


class RefusedKey(Unauthenticated):
    """A text that has the form of a key and is not valid."""

    def __init__(self, detail: str, reason: Reason, key_id: str) -> None:
        self.reason: Reason = reason
        self.key_id = key_id
        super().__init__(detail)


class KeyStore(Protocol):
    """Reads keys, and stores when they were used."""

    async def find(self, key_id: str) -> StoredKey | None:
        """The key of this id. Raises Unavailable."""

    async def note_use(self, key_id: str, now: datetime) -> None:
        """Store the time of use. Raises Unavailable."""


class LiveKeys:
    """Verifies the texts of keys. What is no key's text is refused without a database read."""

    def __init__(self, store: Callable[[], KeyStore], clock: Callable[[], float] = time.monotonic) -> None:
        """`store` is called once a key is looked up, so that making this connects to nothing."""
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[float, StoredKey]] = {}
        self._unknown: dict[str, float] = {}
        self._noted: dict[str, datetime] = {}
        self._notes: set[asyncio.Task[None]] = set()

    async def verify(
        self, text: str, now: datetime, before_read: Callable[[], None] = lambda: None
    ) -> ApiKey:
        """The key of this text. `before_read` is called before a key is read that was not found before.

        Raises Unauthenticated with the reason, RefusedKey for a text that names a key, Unavailable, and what
        `before_read` raises.
        """
        parts = parts_of(text)
        if parts is None:
            raise Unauthenticated("This is no API key of a CRM: it is incomplete or mistyped.")
        key_id, secret = parts
        stored = await self._find(key_id, before_read)
        if stored is None or not hmac.compare_digest(stored.digest, digest_of(secret)):
            raise RefusedKey(_UNKNOWN, "key_unknown", key_id)
        key = stored.key
        if key.revoked_at is not None:
            raise RefusedKey(_UNKNOWN, "key_revoked", key_id)
        if key.expires_at is not None and key.expires_at <= now:
            raise RefusedKey(
                f"The API key expired on {key.expires_at:%Y-%m-%d at %H:%M} UTC. "
                "Ask an administrator for a new one.",
                "key_expired",
                key_id,
            )
        self._note_use(key, now)
        return key

    async def _find(self, key_id: str, before_read: Callable[[], None]) -> StoredKey | None:
        at = self._clock()
        until, stored = self._known.get(key_id, (at, None))
        if stored is not None and at < until:
            return stored
        if at < self._unknown.get(key_id, at):
            return None
        if stored is None:
            before_read()
        stored = await self._store().find(key_id)
        if stored is None:
            self._known.pop(key_id, None)
            self._unknown.pop(key_id, None)
            if len(self._unknown) >= MAX_UNKNOWN:
                del self._unknown[next(iter(self._unknown))]
            self._unknown[key_id] = at + CACHE_SECONDS
        else:
            self._known[key_id] = (at + CACHE_SECONDS, stored)
        return stored

    def _note_use(self, key: ApiKey, now: datetime) -> None:
        """Note the use in the background: neither a slow nor an absent database delays or fails a call."""
        last = self._noted.get(key.id, key.last_used_at)
        if last is not None and now - last < NOTE_EVERY:
            return
        self._noted[key.id] = now
        task = asyncio.create_task(self._store_use(key.id, now))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _store_use(self, key_id: str, now: datetime) -> None:
        try:
            await self._store().note_use(key_id, now)
        except CrmError:
            self._noted.pop(key_id, None)  # the next call tries again
            logger.warning("the use of an API key is not noted", extra={"ids": {"key_id": key_id}})
