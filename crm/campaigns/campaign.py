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

`retried` counts nowhere: another message has taken the row's place, and a row of its own tells of it.
"""

Resolution = Literal["retry_failed", "send_again", "take_as_sent"]
"""What somebody decided on rows: send the failed ones anew, or the unknown ones; or hold these for sent."""

MAX_NAME = 200
"""Characters of a campaign's name."""

CHUNK_SIZE = 500
"""Recipients of one chunk, and messages of one call to the vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a campaign says, as Liquid templates over `customer`. `subject` only where the channel has one."""

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
    """One campaign as stored. Launching freezes everything that says what is sent to whom."""

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
    """Rises with each change that a person makes to what is to be sent, to whom and when."""
    note: str | None = None
    """A sentence for people about the present status."""
    stalled_since: datetime | None = None
    """Since when no figure has moved although the campaign is on its way; None while it moves."""

    schedule_at: datetime | None = None
    launched_at: datetime | None = None
    frozen_at: datetime | None = None
    """The moment as of which the audience was evaluated."""
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
    """Until when the rate is used up."""
    chunk_size: int | None = None
    """Recipients of a chunk as launched, where the rate was changed since."""

    resolution: Resolution | None = None
    """A decision on failed or unknown messages that is being carried out."""
    resolved_to: str | None = None
    """The message id up to which rows have been moved."""
    retry_round: int = 0
    """Number of such decisions so far."""
    assume_delivered: bool = False
    """Whether the campaign may finish without receipts: somebody decided to count accepted as sent."""

    watch_ended: bool = False
    """Whether the tick has given up waiting for the campaign to end."""
    reopen_count: int = 0
    """How often a receipt that came after the end made the tick look again."""
    sweep_at: datetime | None = None
    """When all rows are counted once more."""


def segment_launch(campaign: Campaign) -> CampaignLaunch | None:
    """The launch as the campaign's segment remembers it; None before a launch, and without a segment."""
    if campaign.segment_id is None or campaign.launched_at is None:
        return None
    return CampaignLaunch(
        campaign_id=campaign.campaign_id,
        campaign_name=campaign.name,
        segment_id=campaign.segment_id,
        rules=campaign.rules,
        at=campaign.launched_at,
    )
