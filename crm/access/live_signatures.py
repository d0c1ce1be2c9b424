"""Verifies webhooks against the secrets that are valid now: configured ones, and those in the database."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, Protocol

from crm.access.webhook_secrets import WebhookSecret, derive
from crm.kernel.errors import Unauthenticated, Unavailable
from crm.platform.webhooks import RefusedWebhook, Signatures

logger = logging.getLogger(__name__)

CACHE_SECONDS: Final = 15.0
"""How long the list of secrets is cached: the longest time for which a revoked secret is still valid."""

RECHECK_SECONDS: Final = 1.0
"""Least time between two reads for unknown signatures, whose secret may be new."""

NOTE_SECONDS: Final = 600.0
"""Least time between two notes of a secret's use."""

MAX_WAITING: Final = 20
"""Calls with unknown signatures that wait for the next read."""

MAX_WAITING_BYTES: Final = 4 * 1024 * 1024
"""Bytes of their bodies, a quarter of what the gate allows: known senders have the rest."""

MAX_INLINE: Final = 32 * 1024
"""Bytes of the largest body that is verified on the event loop; of a larger one it would be held too long."""

MAX_VERIFYING: Final = 1
"""Large bodies that are verified at the same time: each is copied several times over."""

RETRY_AFTER: Final = 2
"""Seconds after which a call that may not wait can come again: the read that others wait for is over."""


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
        self._waiting = _Waiting()
        self._verifying = asyncio.Semaphore(MAX_VERIFYING)

    async def check(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Raise RefusedWebhook unless a valid secret signed these bytes within the last five minutes.

        An unknown signature waits for a list that was read after it came, at most one a second for all: so a
        secret is valid as soon as it exists, whoever else sends forged ones. Only a few may wait, because a
        forged call that waits holds its body. One more is answered Unavailable: by the time it comes again,
        the read that the others wait for knows its secret.

        Raises Unavailable also if the secret may be in the database and that does not answer.
        """
        if await self._signer({"": self._configured}, body, headers) is not None:
            return
        came = self._clock()
        known = await self._live_since(came - CACHE_SECONDS)
        is_current = self._read_at >= came  # not later: another call may read while this one verifies
        signer = await self._signer(known, body, headers)
        if signer is None and not is_current:
            with self._waiting.admit(len(body)):
                live = await self._live_since(came)
                new = {name: each for name, each in live.items() if name not in known}
                signer = await self._signer(new, body, headers)
        if signer is None:
            raise RefusedWebhook("signature")
        await self._note_use(signer, now)

    async def _live_since(self, since: float) -> Mapping[str, Signatures]:
        """By secret id, read at `since` or later.

        Waits only between two reads that succeed. Within a second of a read that failed, all calls share its
        error: while the database is away, no body is held for a wait, and there is one read a second.
        """
        if self._read_at >= since:
            return self._live
        async with self._reading:
            if self._read_at >= since:  # another call has read it while this one waited
                return self._live
            if self._clock() - self._failed_at < RECHECK_SECONDS:
                raise Unavailable("The webhook secrets cannot be read right now.", retry_after=1)
            await self._sleep(max(0.0, self._read_at + RECHECK_SECONDS - self._clock()))
            at = self._clock()
            try:
                secrets = await self._store().live_secrets()
            except Unavailable:
                self._failed_at = self._clock()
                raise
            self._live = {each.id: Signatures([derive(self._key, each.id)]) for each in secrets}
            self._read_at = at
        return self._live

    async def _signer(
        self, candidates: Mapping[str, Signatures], body: bytes, headers: Mapping[str, str]
    ) -> str | None:
        """The id of the secret that signed these bytes. Each takes copies and a hash of the whole body."""

        def find() -> str | None:
            return next((name for name, each in candidates.items() if _is_signed(each, body, headers)), None)

        if len(body) <= MAX_INLINE:
            return find()
        async with self._verifying:
            return await asyncio.to_thread(find)

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


class _Waiting:
    """Bounds the calls that wait for a read, and the bytes of their bodies."""

    def __init__(self) -> None:
        self._calls = 0
        self._bytes = 0

    @contextmanager
    def admit(self, size: int) -> Iterator[None]:
        """Counts a call with a body of `size` bytes until the end of the block. Raises Unavailable."""
        if self._calls >= MAX_WAITING or self._bytes + size > MAX_WAITING_BYTES:
            raise Unavailable("Too many calls with unknown signatures are waiting.", retry_after=RETRY_AFTER)
        self._calls += 1
        self._bytes += size
        try:
            yield
        finally:
            self._calls -= 1
            self._bytes -= size


def _is_signed(signatures: Signatures, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        signatures.check(body, headers)
    except Unauthenticated:
        return False
    return True
