"""Refused sign-ins: why, of which address, and what is recorded of them.

Anybody with a Google account can cause one, so a stranger's leaves a log line and no document. Of a member's
address the audit log keeps one a day.
"""

import hmac
from datetime import datetime
from typing import Final, Literal

from crm.access.audit_events import AuditEvent
from crm.access.origins import Origin
from crm.kernel.errors import Forbidden
from crm.kernel.ids import document_id

Reason = Literal["address", "unverified", "domain", "not_a_member", "another_account"]

MESSAGE: Final = "sign-in refused"
"""The log line's message, which alerts look for."""


class RefusedSignIn(Forbidden):
    """The owner of a genuine identity token may not sign in."""

    def __init__(self, detail: str, reason: Reason, email: str, is_member: bool = False) -> None:
        """`is_member`: whether the address is a member's."""
        self.reason = reason
        self.email = email
        self.is_member = is_member
        super().__init__(detail)


def pseudonym(key: str, email: str) -> str:
    """What a log line says in place of an address: the same for the same address and key."""
    return hmac.digest(key.encode(), f"refused sign-in {email}".encode(), "sha256").hex()[:16]


def event_of(refused: RefusedSignIn, now: datetime, origin: Origin) -> AuditEvent:
    """The audit event of a refusal. Its id is the same all day, so that repeated attempts log it once."""
    return AuditEvent(
        event_id=document_id(f"session.refuse\x1f{refused.email}\x1f{now:%Y-%m-%d}"),
        at=now,
        by=refused.email,
        origin=origin,
        action="session.refuse",
        subject=refused.email,
        outcome="refused",
        reason=str(refused),
    )
