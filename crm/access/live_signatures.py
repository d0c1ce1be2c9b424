"""Checking webhooks against the secrets that are live now: the configured ones, and those of the database."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from crm.access.webhook_secrets import made_of
from crm.kernel.errors import Unauthenticated, Unavailable
from crm.platform.webhooks import Signatures

logger = logging.getLogger(__name__)

BELIEVED: Final = 15.0
"""Seconds for which what was read is believed: one that has ended counts at most that long."""

LOOKED_AGAIN: Final = 1.0
"""Seconds after which an unknown signature has the database asked again, for a secret that is new."""

NOTED: Final = 600.0
"""Seconds between two notes that a secret is used."""


class LiveSecret(Protocol):
    """A secret that counts."""

    @property
    def id(self) -> str:
        """Its id, of which it is made."""


class SecretStore(Protocol):
    """Which secrets count."""

    async def live(self) -> Sequence[LiveSecret]:
        """Those that count now. Raises Unavailable."""

    async def used(self, secret_id: str, now: datetime) -> None:
        """Note that one was used. Raises Unavailable."""


class LiveSignatures:
    """A configured secret needs no database, and one of the database no deployment."""

    def __init__(
        self,
        configured: Sequence[str],
        key: str,
        book: Callable[[], SecretStore],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ValueError where a configured secret is none."""
        self._configured = Signatures(configured)
        self._key = key
        self._book = book
        self._clock = clock
        self._live: dict[str, Signatures] = {}
        self._read_at = float("-inf")
        self._noted: dict[str, float] = {}
        self._reading = asyncio.Lock()

    async def check(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Raise Unauthenticated unless a live secret signed exactly these bytes within the last five minutes.

        Raises Unavailable where only the database could tell, and does not answer.
        """
        if _holds(self._configured, body, headers):
            return
        for age in (BELIEVED, LOOKED_AGAIN):
            for secret_id, signatures in (await self._known(age)).items():
                if _holds(signatures, body, headers):
                    await self._note(secret_id, now)
                    return
        raise Unauthenticated("The webhook's signature does not hold.")

    async def _known(self, age: float) -> Mapping[str, Signatures]:
        """Those that are live, as read at most so many seconds ago."""
        async with self._reading:
            if self._clock() - self._read_at > age:
                at = self._clock()
                found = await self._book().live()
                self._live = {each.id: Signatures([made_of(self._key, each.id)]) for each in found}
                self._read_at = at
        return self._live

    async def _note(self, secret_id: str, now: datetime) -> None:
        at = self._clock()
        if at - self._noted.get(secret_id, float("-inf")) < NOTED:
            return
        self._noted[secret_id] = at
        try:
            await self._book().used(secret_id, now)
        except Unavailable:
            # The receipt is worth more than the note; the next call notes it.
            del self._noted[secret_id]
            logger.warning(
                "the use of a webhook secret is not noted", extra={"ids": {"secret_id": secret_id}}
            )


def _holds(signatures: Signatures, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        signatures.check(body, headers)
    except Unauthenticated:
        return False
    return True
