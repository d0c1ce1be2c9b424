"""What people did, as the audit log keeps it: who did what to what, and how it ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

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
    "campaign.pause",
    "campaign.pace",
    "campaign.resume",
    "campaign.cancel",
    "campaign.unschedule",
    "campaign.retry_failed",
    "campaign.resolve",
    "campaign.test",
    "campaign.export",
]
"""`segment.note`: to write down who is in it."""

Outcome = Literal["done", "refused", "unknown"]
"""`unknown`: it was begun, and nobody was left to say how it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act. `by` is an e-mail address, `subject` the id of what was acted on (of a member the address).

    `detail` says more in words and figures, never of a customer: it outlives them. `reason` says why it was
    refused.
    """

    act_id: str
    at: datetime
    by: str
    action: Action
    subject: str = ""
    detail: str = ""
    outcome: Outcome = "unknown"
    reason: str = ""
