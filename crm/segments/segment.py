"""Segments: rule trees with a name, and the moments at which it was written down who is in one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

from crm.audience.rules.tree import parse
from crm.kernel.errors import Invalid
from crm.kernel.moments import local_day, start_of

MAX_RULES_SIZE = 200_000
"""Characters of a stored rule tree; a document of the database holds about a million bytes."""

POINTS_KEPT = timedelta(days=400)
"""How long it is known who was in a segment at a point: a year can be compared with the one before."""

PointKind = Literal["campaign", "manual", "daily"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A moment at which it was written down who is in a segment.

    `matched` counted everybody then; `forgotten` of these were erased since. `version` is the definition's
    that was evaluated, None where a campaign was made from an earlier one.
    """

    point_id: str
    segment_id: str
    at: datetime
    kind: PointKind
    matched: int
    version: int | None = None
    campaign_id: str | None = None
    by: str | None = None
    forgotten: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCampaign:
    """The newest campaign that went to a segment, and the point that says who was in it then."""

    campaign_id: str
    name: str
    at: datetime
    point_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """The launch of a campaign to a segment: what the segment's snapshot of that moment is taken from.

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
    """What a segment was at one of its versions, and who made it that."""

    version: int
    name: str
    rules: Mapping[str, Any]
    changed_at: datetime
    changed_by: str


def require_rules(rules: Mapping[str, Any], zone: tzinfo) -> None:
    """Raise Invalid below "rules" unless the tree holds and can be stored."""
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


def daily_point_id(now: datetime, zone: tzinfo) -> str:
    """The one name of a day's point."""
    return f"d{now.astimezone(zone):%Y%m%d}"


def next_daily_point(now: datetime, zone: tzinfo) -> datetime:
    """When the next daily point is due: as the day begins."""
    return start_of(local_day(now, zone) + timedelta(days=1), zone)
