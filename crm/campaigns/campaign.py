"""Campaigns: their states, the message, the frozen audience and the figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from crm.customers.values import Channel
from crm.segments.segment import CampaignLaunch

CampaignStatus = Literal[
    "draft",
    "scheduled",
    "launching",
    "sending",
    "paused",
    "cancelled",
    "finished",
    "needs_attention",
    "missed",
]
RowStatus = Literal["accepted", "delivered", "failed", "skipped", "unknown", "retried"]
ROW_STATUSES: tuple[RowStatus, ...] = ("accepted", "delivered", "failed", "skipped", "unknown")
"""States of a row of the communication log that count. A recipient without such a row is `pending`.

`retried` is not counted: another message, with a row of its own, has replaced this one.
"""

Resolution = Literal["retry_failed", "send_again", "mark_as_sent"]
"""A marketer's decision: send failed or unknown messages again, or count unknown messages as sent."""

MAX_NAME = 200
"""Characters of a campaign's name."""

CHUNK_SIZE = 500
"""Recipients of one chunk, and messages of one call to the vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A campaign's text, as Liquid templates over `customer`. Only e-mails have a subject."""

    body: str
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Rows of the communication log by status, and how many of the delivered were opened or clicked. All are
    sums of shards."""

    accepted: int = 0
    delivered: int = 0
    failed: int = 0
    skipped: int = 0
    unknown: int = 0
    opened: int = 0
    clicked: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in COUNT_NAMES})

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(**{name: getattr(self, name) - getattr(other, name) for name in COUNT_NAMES})

    def __mul__(self, times: int) -> "Counts":
        return Counts(**{name: getattr(self, name) * times for name in COUNT_NAMES})

    @property
    def rows(self) -> int:
        return self.accepted + self.delivered + self.failed + self.skipped + self.unknown


COUNT_NAMES = (*ROW_STATUSES, "opened", "clicked")

EVERYONE: Final = "all"
"""The group of counters that holds every recipient; the other groups are cohorts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The figures. `audience = pending + accepted + delivered + failed + skipped + unknown`, always."""

    audience: int
    counts: Counts

    @property
    def pending(self) -> int:
        return self.audience - self.counts.rows

    @property
    def sent(self) -> int:
        return self.counts.accepted + self.counts.delivered

    def as_json(self) -> dict[str, int]:
        """The `stats` object of the API."""
        return {
            "audience": self.audience,
            "pending": self.pending,
            "sent": self.sent,
            **{name: getattr(self.counts, name) for name in COUNT_NAMES},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign as stored. Launching freezes its message, channel, rules and recipients."""

    campaign_id: str
    name: str
    status: CampaignStatus
    channel: Channel
    message: Message
    rules: Mapping[str, Any]
    """The rule tree as posted."""
    segment_id: str | None = None
    created_at: datetime
    created_by: str
    version: int = 1
    """Number of edits, plus one; the store refuses an edit of an older version."""
    note: str | None = None
    """A sentence for people about the present status."""
    stalled_since: datetime | None = None
    """Since when no count has changed although the campaign is on its way; None while it progresses."""

    schedule_at: datetime | None = None
    launched_at: datetime | None = None
    frozen_at: datetime | None = None
    """The time as of which the audience was evaluated."""
    resumed_at: datetime | None = None
    """When sending last began again."""
    finished_at: datetime | None = None

    frozen_list: str | None = None
    """The id of the list of recipients that the launch wrote."""
    partitions: int = 0
    """Parts of the frozen list."""
    shards: int = 1
    """Documents that the counters are spread over."""
    audience: int | None = None
    """Recipients; None until all of them are in chunks."""
    matched: int | None = None
    """Customers whom the rules matched at launch."""
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Matched customers whom the channel could not reach, by reason. `matched` less these is `audience`."""

    rate: int | None = None
    """Messages a minute; None for no limit."""
    rate_version: int = 0
    """How often the rate was changed since the launch. Chunks requested under an earlier one are ignored."""
    next_send_at: datetime | None = None
    """Until when the rate is used up; the next chunk may be sent then."""
    chunk_size: int | None = None
    """Recipients of a chunk, fixed when the rate is first changed; None before."""

    resolution: Resolution | None = None
    """A decision on failed or unknown messages that is being carried out."""
    resolved_to: str | None = None
    """The message id up to which rows have been moved."""
    retry_round: int = 0
    """Number of such decisions so far."""
    assume_delivered: bool = False
    """Whether the campaign may finish without receipts, as a marketer decided to count accepted as sent."""

    watch_ended: bool = False
    """Whether the tick has given up waiting for the campaign to end."""
    reopen_count: int = 0
    """How often a late receipt reopened the campaign."""
    sweep_at: datetime | None = None
    """When all rows are due for a final recount."""


def segment_launch(campaign: Campaign) -> CampaignLaunch | None:
    """The launch for the segment's history; None before a launch, and without a segment."""
    if campaign.segment_id is None or campaign.launched_at is None:
        return None
    return CampaignLaunch(
        campaign_id=campaign.campaign_id,
        campaign_name=campaign.name,
        segment_id=campaign.segment_id,
        rules=campaign.rules,
        at=campaign.launched_at,
    )
