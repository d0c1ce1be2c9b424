"""Verifies webhooks against the secrets that are valid now: configured ones, and those in the database."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from crm.access.webhook_secrets import WebhookSecret, derive
from crm.kernel.errors import Unauthenticated, Unavailable
from crm.platform.webhooks import Signatures

logger = logging.getLogger(__name__)

CACHE_SECONDS: Final = 15.0
"""How long the list of secrets is cached: the longest time for which a revoked secret is still valid."""

RECHECK_SECONDS: Final = 1.0
"""Least time between two reads for unknown signatures, whose secret may be new."""

NOTE_SECONDS: Final = 600.0
"""Least time between two notes of a secret's use."""


class SecretStore(Protocol):
    """Reads the valid secrets, and stores when they were used."""

    async def live_secrets(self) -> Sequence[WebhookSecret]:
        """The valid secrets. Raises Unavailable."""

    async def note_use(self, secret_id: str, now: datetime) -> None:
        """Store the time of use. Raises Unavailable."""


class LiveSignatures:
    """Verifies signatures: configured secrets need no database, secrets in the database no deployment."""

    def __init__(
        self,
        configured: Sequence[str],
        key: str,
        store: Callable[[], SecretStore],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Secrets are derived from `key`. Raises ValueError for an invalid configured secret."""
        self._configured = Signatures(configured)
        self._key = key
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._live: dict[str, Signatures] = {}
        self._read_at = float("-inf")
        self._failed_at = float("-inf")
        self._noted: dict[str, float] = {}
        self._reading = asyncio.Lock()

    async def check(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Raise Unauthenticated unless a valid secret signed these bytes within the last five minutes.

        An unknown signature waits for a list that was read after it came, at most one a second for all: so a
        secret is valid as soon as it exists, whoever else sends forged ones.

        Raises Unavailable if the secret may be in the database and that does not answer.
        """
        if _is_signed(self._configured, body, headers):
            return
        came = self._clock()
        for since in (came - CACHE_SECONDS, came):
            for secret_id, signatures in (await self._live_signatures(since, came)).items():
                if _is_signed(signatures, body, headers):
                    await self._note_use(secret_id, now)
                    return
        raise Unauthenticated("The webhook's signature does not hold.")

    async def _live_signatures(self, since: float, came: float) -> Mapping[str, Signatures]:
        """By secret id, read at `since` or later. Of a read that fails, all calls that `came` before it share
        the error: while the database is away, each waits for one read and not for one read a call."""
        if self._read_at >= since:
            return self._live
        async with self._reading:
            if self._read_at >= since:  # another call has read it while this one waited
                return self._live
            if self._failed_at >= came:
                raise Unavailable("The webhook secrets cannot be read right now.")
            last = max(self._read_at, self._failed_at)
            await self._sleep(max(0.0, last + RECHECK_SECONDS - self._clock()))
            at = self._clock()
            try:
                secrets = await self._store().live_secrets()
            except Unavailable:
                self._failed_at = at
                raise
            self._live = {each.id: Signatures([derive(self._key, each.id)]) for each in secrets}
            self._read_at = at
        return self._live

    async def _note_use(self, secret_id: str, now: datetime) -> None:
        at = self._clock()
        if at - self._noted.get(secret_id, float("-inf")) < NOTE_SECONDS:
            return
        self._noted[secret_id] = at
        try:
            await self._store().note_use(secret_id, now)
        except Unavailable:
            # Accepting the webhook matters more; the next call tries again.
            del self._noted[secret_id]
            logger.warning(
                "the use of a webhook secret is not noted", extra={"ids": {"secret_id": secret_id}}
            )


def _is_signed(signatures: Signatures, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        signatures.check(body, headers)
    except Unauthenticated:
        return False
    return True
