"""Segments: named rule trees, their versions, and snapshots of their members over time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

from crm.audience.rules.parse import parse
from crm.kernel.errors import Invalid
from crm.kernel.moments import local_day, start_of

MAX_RULES_SIZE = 200_000
"""Characters of a stored rule tree; a document of the database holds about a million bytes."""

MAX_NAME = 200
"""Characters of a segment's name."""

SnapshotKind = Literal["campaign", "manual", "daily"]
"""Why a snapshot was taken: a campaign was launched to the segment, a person asked, or a day began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSnapshot:
    """The members of a segment at one time; their ids are stored apart."""

    snapshot_id: str
    segment_id: str
    at: datetime
    kind: SnapshotKind
    matched: int
    """Members at that time."""
    version: int | None = None
    """The segment's version that was evaluated; None where a campaign was made from an earlier one."""
    campaign_id: str | None = None
    by: str | None = None
    """E-mail address of the person who asked for it."""
    forgotten: int = 0
    """Members that were erased since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCampaign:
    """The newest campaign launched to a segment, and the snapshot taken at its launch."""

    campaign_id: str
    name: str
    at: datetime
    snapshot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignLaunch:
    """The launch of a campaign to a segment, from which a snapshot is taken.

    `rules` are those that the campaign was made from, which may be older than the segment's.
    """

    campaign_id: str
    campaign_name: str
    segment_id: str
    rules: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A named rule tree, kept as posted. `version` rises by one with every change."""

    segment_id: str
    name: str
    rules: Mapping[str, Any]
    version: int = 1
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    last_campaign: LastCampaign | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The definition of a segment at one of its versions, and who made it."""

    version: int
    name: str
    rules: Mapping[str, Any]
    changed_at: datetime
    changed_by: str


def require_rules(rules: Mapping[str, Any], zone: tzinfo) -> None:
    """Raise Invalid below "rules" unless the tree is valid and small enough to be stored."""
    parse(rules, zone=zone)
    if len(json.dumps(rules)) > MAX_RULES_SIZE:
        raise Invalid.at("rules", f"has more than {MAX_RULES_SIZE:,} characters")


def version_of(segment: Segment) -> Version:
    """The segment's present version."""
    return Version(
        version=segment.version,
        name=segment.name,
        rules=segment.rules,
        changed_at=segment.updated_at,
        changed_by=segment.updated_by,
    )


def launch_snapshot_id(launch: CampaignLaunch) -> str:
    """The id of the one snapshot that belongs to a launch."""
    return f"c{launch.campaign_id}"


def daily_snapshot_id(now: datetime, zone: tzinfo) -> str:
    """The id of the one snapshot of a day."""
    return f"d{now.astimezone(zone):%Y%m%d}"


def next_daily_snapshot(now: datetime, zone: tzinfo) -> datetime:
    """When the next daily snapshot is due: as the day begins."""
    return start_of(local_day(now, zone) + timedelta(days=1), zone)
