"""Audit events: who did what to which object, from where, what it changed, and with what outcome."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from crm.access.field_changes import FieldChange
from crm.access.members import member_id
from crm.access.origins import NOWHERE, Origin
from crm.kernel.ids import document_id

Action = Literal[
    "session.begin",
    "session.end",
    "session.refuse",
    "access.refuse",
    "member.add",
    "member.change",
    "member.remove",
    "key.create",
    "key.revoke",
    "webhook_secret.create",
    "webhook_secret.end",
    "customer.export",
    "customer.suppress",
    "customer.allow",
    "customer.erase",
    "import.run",
    "import.export",
    "sample.load",
    "sample.remove",
    "segment.create",
    "segment.change",
    "segment.delete",
    "segment.snapshot",
    "campaign.create",
    "campaign.change",
    "campaign.delete",
    "campaign.launch",
    "campaign.miss",
    "campaign.pause",
    "campaign.change_rate",
    "campaign.resume",
    "campaign.cancel",
    "campaign.unschedule",
    "campaign.retry_failed",
    "campaign.resolve",
    "campaign.test",
    "campaign.export",
    "campaign.summarize",
    "audit.export",
]
"""`access.refuse`: a member called what their role does not allow; `subject` is the route.
`customer.suppress`: added to the do-not-send list, `customer.allow`: removed from it.
`segment.snapshot`: a snapshot was requested. `campaign.miss`: the scheduled time passed without a launch.
`campaign.summarize`: a summary was written or rewritten; to read a stored one is no event."""

MAX_TEXT: Final = 500
"""Characters of `detail` and `reason`, each, that are stored."""

SystemActor = Literal["schedule", "circuit_breaker"]
"""Actors that are not people: the campaign's schedule, and the circuit breaker."""

SYSTEM_ACTORS: Final[tuple[SystemActor, ...]] = get_args(SystemActor)

Outcome = Literal["done", "refused", "unknown"]
"""`unknown`: the action began, and its outcome was never recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One entry of the audit log."""

    event_id: str
    at: datetime
    by: str
    """An e-mail address, a `SystemActor`, or an operator at the command line."""
    origin: Origin = NOWHERE
    action: Action
    subject: str = ""
    """The id of the object; of a member the address; of a customer the key."""
    detail: str = ""
    """More in words and figures. Never customer data: the event outlives an erasure."""
    changes: tuple[FieldChange, ...] = ()
    """What was to change; if the outcome is `done`, what did."""
    outcome: Outcome = "unknown"
    reason: str = ""
    """Why it was refused, or why the system did it."""

    @property
    def actor_id(self) -> str:
        """The opaque id by which the log is filtered: a member's, also after they were removed; of the system
        and of operators their name."""
        return member_id(self.by) if "@" in self.by else self.by

    @property
    def is_about_customer(self) -> bool:
        """Whether `subject` is the key of a customer."""
        return self.action.startswith("customer.") and bool(self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events to read; None for any. `since` is included, `until` is not."""

    action: Action | None = None
    actor_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def system_event(
    by: SystemActor,
    action: Action,
    subject: str,
    detail: str,
    at: datetime,
    reason: str = "",
    outcome: Outcome = "done",
) -> AuditEvent:
    """An event without a person. Store it in the commit that makes the change; its id is derived from the
    content, so a repeated commit logs it once."""
    return AuditEvent(
        event_id=document_id("\x1f".join((by, action, subject, at.isoformat()))),
        at=at,
        by=by,
        action=action,
        subject=subject,
        detail=detail,
        outcome=outcome,
        reason=reason,
    )
