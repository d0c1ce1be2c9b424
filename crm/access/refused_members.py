"""Calls that a member's role does not allow: the audit log keeps one event per member, route and day."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from starlette.requests import Request

from crm.access.audit_events import AuditEvent
from crm.access.members import SignedIn
from crm.access.origins import Origin
from crm.access.session_auth import RoleTooLow, origin_of
from crm.kernel.errors import Unavailable
from crm.kernel.ids import document_id

logger = logging.getLogger(__name__)

MAX_REMEMBERED: Final = 10_000
"""Events that an instance remembers, so that a repeated call costs no write; the oldest goes first."""


class AuditLog(Protocol):
    """Stores audit events."""

    async def begin(self, event: AuditEvent) -> None:
        """Store an event unless it exists. Raises Unavailable."""


class RefusedMembers:
    """Records refused calls. The caller is refused also where that fails."""

    def __init__(self, log: Callable[[], AuditLog], trusted_hops: int, clock: Callable[[], datetime]) -> None:
        """`log` is called with each event, so that importing a function makes no client."""
        self._log = log
        self._hops = trusted_hops
        self._clock = clock
        self._recorded: dict[str, None] = {}

    async def __call__(self, request: Request, route: str, refused: RoleTooLow) -> None:
        """Record that a member was refused this route, unless it is recorded for today."""
        event = event_of(refused, route, self._clock(), origin_of(request, self._hops))
        if event.event_id in self._recorded:
            return
        if len(self._recorded) >= MAX_REMEMBERED:
            del self._recorded[next(iter(self._recorded))]
        self._recorded[event.event_id] = None
        try:
            await self._log().begin(event)
        except Unavailable:
            self._recorded.pop(event.event_id, None)  # the next call tries again
            logger.warning("the refused call of a member is not recorded", extra={"ids": {"route": route}})


def event_of(refused: RoleTooLow, route: str, now: datetime, origin: Origin) -> AuditEvent:
    """The audit event of a refusal. Its id is the same all day, so that repeated calls log it once."""
    person: SignedIn = refused.person
    return AuditEvent(
        event_id=document_id(f"access.refuse\x1f{person.email}\x1f{route}\x1f{now:%Y-%m-%d}"),
        at=now,
        by=person.email,
        origin=origin,
        action="access.refuse",
        subject=route,
        outcome="refused",
        reason=str(refused),
    )
