"""Logs an action before it runs, and how it ended."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from crm.access.audit_events import AuditEvent, Outcome
from crm.kernel.errors import CrmError, Invalid, Unavailable

logger = logging.getLogger(__name__)


class AuditLog(Protocol):
    """Stores audit events."""

    async def begin(self, event: AuditEvent) -> None:
        """Store an event whose outcome is not known yet. Raises Unavailable."""

    async def end(self, event_id: str, outcome: Outcome, reason: str) -> None:
        """Store the outcome. Raises Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEvent:
    """Runs a block as an audited action: `async with record_event(event): ...`"""

    log: AuditLog

    @asynccontextmanager
    async def __call__(self, event: AuditEvent) -> AsyncIterator[None]:
        """Log the event before running the block, and its outcome afterwards.

        Raises Unavailable, without running the block, if logging fails. Errors of the block pass through.
        After an Unavailable the action may have taken effect: its outcome stays `unknown`, as after a crash.
        """
        await self.log.begin(event)
        try:
            yield
        except Unavailable:
            raise
        except CrmError as error:
            await self._end(event, "refused", _reason(error))
            raise
        await self._end(event, "done")

    async def _end(self, event: AuditEvent, outcome: Outcome, reason: str = "") -> None:
        try:
            await self.log.end(event.event_id, outcome, reason)
        except Unavailable:
            # The action is over and the caller gets its result; the log keeps `unknown`.
            logger.warning(
                "the outcome of an audit event is not recorded", extra={"ids": {"event_id": event.event_id}}
            )


def _reason(error: CrmError) -> str:
    """Why it was refused. Validation errors may quote customer data, which the log must not hold."""
    return "The input breaks a rule." if isinstance(error, Invalid) else str(error)
