"""Campaigns: their states, the message, the frozen audience and the figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from crm.customers.records import Channel
from crm.segments.segment import Launch

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

Rework = Literal["retry_failed", "send_again", "take_as_sent"]
"""What somebody decided on rows: send the failed ones anew, or the unknown ones; or hold these for sent."""

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
    """One campaign as stored. `rules` is the rule tree as posted; launch freezes it with everything else.

    `frozen_at` is the one moment of the audience, set by launch. `frozen_list` names the list of recipients
    that the launch wrote, in `partitions` parts; `audience` is their count once all of them are in chunks,
    else None. `shards` is how many counter documents the campaign has. `matched` and `excluded` (by reason)
    tell how many the rules matched at launch, and why the channel could not reach some of them: the
    difference is the audience. `at_rest` says that the tick has given up waiting for an end; `woken` counts
    how often receipts that came after the end had it look again. `sweep_at` is when all its rows are counted
    once more.

    `rework` is under way until all rows that it is about have been moved; those up to the message id
    `reworked_to` are. `round` counts the times. A
    campaign that `trusts_silence` is over without receipts: somebody holds what was accepted for sent.

    `rate` is how many messages may go in a minute, as many as there are when None; the tick has used it up
    until `paced_until`. `resumed_at` is when it was last set going again. Where the rate was changed on the
    way, `pace` says how often, and `chunk_size` of how many recipients its chunks are all the same.

    `version` rises with each change that a person makes to what is to be sent, to whom and when.
    """

    campaign_id: str
    name: str
    status: CampaignStatus
    channel: Channel
    message: Message
    rules: Mapping[str, Any]
    segment_id: str | None = None
    created_at: datetime
    created_by: str
    schedule_at: datetime | None = None
    launched_at: datetime | None = None
    frozen_at: datetime | None = None
    finished_at: datetime | None = None
    frozen_list: str | None = None
    partitions: int = 0
    shards: int = 1
    audience: int | None = None
    matched: int | None = None
    excluded: Mapping[str, int] = field(default_factory=dict)
    note: str | None = None
    at_rest: bool = False
    woken: int = 0
    sweep_at: datetime | None = None
    rework: Rework | None = None
    reworked_to: str | None = None
    round: int = 0
    trusts_silence: bool = False
    rate: int | None = None
    paced_until: datetime | None = None
    pace: int = 0
    chunk_size: int | None = None
    resumed_at: datetime | None = None
    version: int = 1


def is_launchable(campaign: Campaign) -> bool:
    """Whether the campaign was never launched and may still be: changed, scheduled or launched."""
    if campaign.status == "needs_attention":
        return campaign.launched_at is None  # its schedule came, and what it says did not hold
    return campaign.status in ("draft", "scheduled", "missed")


def segment_launch(campaign: Campaign) -> Launch | None:
    """The launch as the campaign's segment remembers it; None before a launch, and without a segment."""
    if campaign.segment_id is None or campaign.launched_at is None:
        return None
    return Launch(
        campaign_id=campaign.campaign_id,
        campaign_name=campaign.name,
        segment_id=campaign.segment_id,
        rules=campaign.rules,
        at=campaign.launched_at,
    )
