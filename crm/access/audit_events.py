"""What was done, as the audit log keeps it: who did what to what, and how it ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from crm.kernel.ids import document_id

KEPT: Final = timedelta(days=400)
"""How long an act is kept: a year, and some time to look back at it."""

Action = Literal[
    "session.begin",
    "session.refuse",
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
    "segment.note",
    "campaign.create",
    "campaign.change",
    "campaign.delete",
    "campaign.launch",
    "campaign.miss",
    "campaign.pause",
    "campaign.rate_version",
    "campaign.resume",
    "campaign.cancel",
    "campaign.unschedule",
    "campaign.retry_failed",
    "campaign.resolve",
    "campaign.test",
    "campaign.export",
]
"""`customer.suppress`: put on the do-not-send list, `customer.allow`: taken off.
`segment.note`: to write down who is in it. `campaign.miss`: its time passed and nothing launched it."""

Itself = Literal["schedule", "circuit"]
"""What does something without a person: a campaign's own time, and too many failures."""

Outcome = Literal["done", "refused", "unknown"]
"""`unknown`: it was begun, and nobody was left to say how it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One act. `by` is an e-mail address or an `Itself`, `subject` the id of what was acted on (of a member
    the address).

    `detail` says more in words and figures, never of a customer: it outlives them. `reason` says why it was
    refused, or why the CRM did it by itself.
    """

    event_id: str
    at: datetime
    by: str
    action: Action
    subject: str = ""
    detail: str = ""
    outcome: Outcome = "unknown"
    reason: str = ""


def system_event(
    by: Itself,
    action: Action,
    subject: str,
    detail: str,
    at: datetime,
    reason: str = "",
    outcome: Outcome = "done",
) -> AuditEvent:
    """An action of the system itself, with no person behind it. Its id follows from what it says, so that it
    is logged once; store it in the commit that does it."""
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
