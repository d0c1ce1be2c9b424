"""Who was in a segment at a point, and who joined and left between two."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Query

from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import (
    SIGNED_IN,
    AppServices,
    Cursor,
    Limit,
    Marketer,
    SegmentId,
    Services,
    Viewer,
)
from crm.audience.rules.tree import parse
from crm.kernel.errors import Invalid, NotFound
from crm.platform.clock import now
from crm.segments.segment import Point, PointKind

if TYPE_CHECKING:
    from crm.audience.engine.numbers import Mask
    from crm.audience.engine.snapshot import Snapshot

router = APIRouter(prefix="/segments", tags=["segments"], dependencies=[SIGNED_IN])

PointId = Annotated[str, Query(pattern="^[A-Za-z0-9]{1,100}$")]

NOW = "now"


class PointResponse(ResponseModel):
    """A moment at which it was written down who is in the segment; kept for 400 days.

    `matched` counted everybody then; `forgotten` of these were erased since. `version` is the definition's
    that was counted, null where a campaign had been made from an earlier one.
    """

    id: str
    at: datetime
    kind: PointKind
    campaign_id: str | None
    version: int | None
    matched: int
    forgotten: int


class PersonMovedResponse(ResponseModel):
    """Somebody who joined the segment, or left it."""

    customer_id: str
    name: str | None
    email: str | None
    change: Literal["joined", "left"]


class ForgottenResponse(ResponseModel):
    """How many of the people of either point were erased since: in no other figure, and not named."""

    before: int
    after: int


class ChangesResponse(ResponseModel):
    """How many joined, left and stayed from the one point to the other; and who, by id."""

    joined: int
    left: int
    stayed: int
    forgotten: ForgottenResponse
    data: list[PersonMovedResponse]
    next_cursor: str | None


@router.get("/{id}/points")
async def points(
    segment_id: SegmentId, services: Services, _: Viewer, limit: Limit = 100
) -> Page[PointResponse]:
    """The segment's points, newest first."""
    await services.segments.get(segment_id)
    return Page(data=[_shape(point) for point in await services.points.newest(segment_id, now(), limit)])


@router.post("/{id}/points", status_code=201)
async def write_down(segment_id: SegmentId, services: Services, person: Marketer) -> PointResponse:
    """Write down who is in the segment now."""
    from crm.segments.usecases.take_snapshot import write_point  # it loads polars

    segment = await services.segments.get(segment_id)
    point_id = f"m{uuid4().hex}"
    async with services.audited(person.email, "segment.note", segment_id, segment.name):
        point = await write_point(
            segment,
            point_id,
            "manual",
            services.points,
            services.audience,
            now(),
            services.zone,
            by=person.email,
        )
    return _shape(point)


@router.get("/{id}/changes")
async def changes(
    segment_id: SegmentId,
    services: Services,
    _: Viewer,
    before: Annotated[PointId, Query(alias="from")],
    after: Annotated[PointId, Query(alias="to")] = NOW,
    change: Literal["joined", "left"] | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ChangesResponse:
    """Who joined the segment and who left it, from one point to another or to now."""
    from crm.segments.movement import change as compared  # it loads polars

    at = now()
    snapshot = await services.audience.snapshot()
    was = await _masks(segment_id, before, "from", snapshot, services, at)
    is_now = await _masks(segment_id, after, "to", snapshot, services, at)
    kinds: Sequence[Literal["joined", "left"]] = ("joined", "left") if change is None else (change,)
    found = await asyncio.to_thread(compared, snapshot, was, is_now, kinds, cursor, limit + 1)
    people = [PersonMovedResponse.model_validate(person) for person in found.people[:limit]]
    return ChangesResponse(
        joined=found.joined,
        left=found.left,
        stayed=found.stayed,
        forgotten=ForgottenResponse(before=found.forgotten_before, after=found.forgotten_after),
        data=people,
        next_cursor=people[-1].customer_id if len(found.people) > limit else None,
    )


async def _masks(
    segment_id: str, point_id: str, path: str, snapshot: "Snapshot", services: AppServices, at: datetime
) -> "tuple[list[Mask], int]":
    """Who was in the segment at the point, and how many were at the time. Raises Invalid at `path`."""
    from crm.segments.movement import current, masks_of

    if point_id == NOW:
        segment = await services.segments.get(segment_id)
        masks = await asyncio.to_thread(
            current, snapshot, parse(segment.rules, zone=services.zone), at, services.zone
        )
        return masks, sum(int(mask.sum()) for mask in masks)
    try:
        point = await services.points.get(segment_id, point_id, at)
        was = await services.standings.of(snapshot.base, segment_id, point_id, at)
    except NotFound:
        await services.segments.get(segment_id)
        raise Invalid.at(path, "names no point of this segment") from None
    return await asyncio.to_thread(masks_of, snapshot, was), point.matched


def _shape(point: Point) -> PointResponse:
    return PointResponse(
        id=point.point_id,
        at=point.at,
        kind=point.kind,
        campaign_id=point.campaign_id,
        version=point.version,
        matched=point.matched,
        forgotten=point.forgotten,
    )
