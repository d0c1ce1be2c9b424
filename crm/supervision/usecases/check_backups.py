"""Report when the database has had no backup for too long: Google notifies nobody of one that failed."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.kernel.errors import Unavailable
from crm.supervision.backups import Backups

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
PATIENCE = 3
"""Calls in a row that may find nobody who can say."""


@dataclass(slots=True, kw_only=True)
class CheckBackups:
    """Asks once an hour and instance, from its first call on; at the next call where nobody could say.

    A database that is younger than `within` may be without a backup. Where `within` is zero nobody makes
    backups, and none is asked for.
    """

    backups: Callable[[], Awaitable[Backups]]
    within: timedelta
    known_at: datetime | None = None
    unanswered: int = 0

    async def __call__(self, now: datetime) -> None:
        """Log an error where the newest backup is too old, or where nobody can say."""
        if not self.within or (self.known_at is not None and now - self.known_at < HOUR):
            return
        try:
            found = await self.backups()
        except Unavailable as error:
            self.unanswered += 1
            if self.unanswered >= PATIENCE:
                logger.error("whether the database has a backup is not known: %s", error)
            return
        self.known_at, self.unanswered = now, 0
        age = now - (found.newest or found.since)
        if age > self.within:
            logger.error("the database has had no backup for %d hours", age // HOUR)
