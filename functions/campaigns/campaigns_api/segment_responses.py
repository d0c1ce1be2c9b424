"""Segments in responses: the definition, its present size, and how that has moved."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from campaigns_api.responses import ResponseModel
from campaigns_api.rules import Rules, shown_rules
from campaigns_api.services import AppServices
from crm.access.members import SignedIn
from crm.audience.rules.parse import parse
from crm.kernel.errors import Invalid, NotFound
from crm.platform.clock import now
from crm.segments.segment import Segment

logger = logging.getLogger(__name__)


class SizeResponse(ResponseModel):
    """How many customers the rules match, and how many of them the simulator reaches."""

    matched: int
    reachable: int
    as_of: datetime


class SinceResponse(ResponseModel):
    """Where movement counts from: the last campaign that was launched to the segment."""

    kind: Literal["campaign"] = "campaign"
    campaign_id: str
    name: str
    at: datetime
    snapshot_id: str


class MovementResponse(ResponseModel):
    """How many customers joined the segment, and how many left it."""

    since: SinceResponse
    joined: int
    left: int


class SegmentResponse(ResponseModel):
    """A segment, its rules as posted, and the same in plain words; for viewers without values that may name a
    customer.

    `size` is given where it was asked for and the rules are valid, `movement` where a campaign went to the
    segment.
    """

    id: str
    name: str
    rules: Rules
    description: str
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    size: SizeResponse | None = None
    movement: MovementResponse | None = None


def shape(segment: Segment, services: AppServices, person: SignedIn) -> SegmentResponse:
    """The segment without figures, as the person may see it."""
    rules, description = shown_rules(segment.rules, services.zone, person)
    return SegmentResponse(
        id=segment.segment_id,
        name=segment.name,
        rules=rules,
        description=description,
        version=segment.version,
        created_at=segment.created_at,
        created_by=segment.created_by,
        updated_at=segment.updated_at,
        updated_by=segment.updated_by,
    )


async def sized(
    segments: Sequence[Segment], services: AppServices, person: SignedIn
) -> list[SegmentResponse]:
    """The segments with their figures, all from one snapshot."""
    from crm.segments.movement import count_moved, current_masks, masks_of, size  # it loads polars

    at = now()
    snapshot = await services.audience.snapshot()

    async def with_figures(segment: Segment) -> SegmentResponse:
        plain = await asyncio.to_thread(shape, segment, services, person)
        try:
            rules = await asyncio.to_thread(parse, segment.rules, zone=services.zone)
        except Invalid:
            logger.warning("the rules of segment %s are no longer valid", segment.segment_id)
            return plain
        masks = await asyncio.to_thread(current_masks, snapshot, rules, at, services.zone)
        matched, reachable = await asyncio.to_thread(size, snapshot, masks, "simulator")
        figures = {"size": SizeResponse(matched=matched, reachable=reachable, as_of=snapshot.as_of)}
        last = segment.last_campaign
        if last is None:
            return plain.model_copy(update=figures)
        try:
            then = await services.memberships.mask(snapshot.base, segment.segment_id, last.snapshot_id, at)
        except NotFound:  # over a year ago
            return plain.model_copy(update=figures)
        joined, left = count_moved(await asyncio.to_thread(masks_of, snapshot, then), masks)
        movement = MovementResponse(since=SinceResponse.model_validate(last), joined=joined, left=left)
        return plain.model_copy(update={**figures, "movement": movement})

    return [await with_figures(segment) for segment in segments]
