"""Record what somebody does before it is done, so that nothing is done unrecorded, and then how it ended."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from crm.access.audit_events import AuditEvent, Outcome
from crm.kernel.errors import CrmError, Invalid, Unavailable

logger = logging.getLogger(__name__)


class AuditLog(Protocol):
    """Where acts are kept."""

    async def begin(self, act: AuditEvent) -> None:
        """Keep an act of which nobody knows yet how it ends. Raises Unavailable."""

    async def end(self, event_id: str, outcome: Outcome, reason: str) -> None:
        """Add how it ended. Raises Unavailable."""


@asynccontextmanager
async def recorded(log: AuditLog, act: AuditEvent) -> AsyncIterator[None]:
    """Do what stands in the block, as this act. Raises Unavailable, before anything is done, where it cannot
    be recorded; whatever the block raises goes on.

    Whoever is killed, or meets a database that does not answer, cannot say how it ended: it stays `unknown`.
    """
    await log.begin(act)
    try:
        yield
    except Unavailable:
        raise
    except CrmError as error:
        await _end(log, act, "refused", _reason(error))
        raise
    await _end(log, act, "done")


async def _end(log: AuditLog, act: AuditEvent, outcome: Outcome, reason: str = "") -> None:
    try:
        await log.end(act.event_id, outcome, reason)
    except Unavailable:
        # What was done stays done. To answer "try again" would have it done twice.
        logger.warning("the end of an act is not recorded", extra={"ids": {"event_id": act.event_id}})


def _reason(error: CrmError) -> str:
    # What is wrong with an input may quote it.
    return "The input breaks a rule." if isinstance(error, Invalid) else str(error)
