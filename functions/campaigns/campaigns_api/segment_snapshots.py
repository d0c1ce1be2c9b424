"""Segment snapshots, and who joined and left between two of them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.ids import PersonCursor, SegmentId
from campaigns_api.people import Keyed
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import MAX_PAGE, AppServices, Caller, Limit, Services
from crm.access.members import allows
from crm.audience.rules.parse import parse
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.kernel.errors import Invalid, NotFound
from crm.platform.clock import now
from crm.segments.segment import SegmentSnapshot, SnapshotKind

if TYPE_CHECKING:
    from crm.audience.engine.snapshot import Snapshot
    from crm.segments.movement import Membership

router = Router(prefix="/segments", tags=["segments"])

SnapshotId = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9]{1,100}$")]

NOW = "now"


class SnapshotResponse(ResponseModel):
    """The members of the segment at one time; kept for 400 days, or as the installation chose.

    `matched` counts all members at that time; `forgotten` of these were erased since. `version` is the
    segment's version that was evaluated, null where a campaign had been made from an earlier one.
    """

    id: str
    at: datetime
    kind: SnapshotKind
    campaign_id: str | None
    version: int | None
    matched: int
    forgotten: int


class ChangesRequest(RequestModel):
    """Two snapshots, the second of which may be `now`; and which of the people who moved to list.

    It is a body, because the cursor is a customer's id, and addresses of requests are logged on their way.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"from": "d20261130", "to": NOW}]})

    before: SnapshotId = Field(alias="from")
    after: SnapshotId = Field(default=NOW, alias="to")
    change: Literal["joined", "left"] | None = None
    limit: int = Field(default=50, ge=1, le=MAX_PAGE)
    cursor: PersonCursor | None = None


class PersonMovedResponse(Keyed):
    """A customer who joined the segment, or left it."""

    name: str | None
    email: str | None
    change: Literal["joined", "left"]


class ForgottenResponse(ResponseModel):
    """How many members of either snapshot were erased since: in no other figure, and not named."""

    before: int
    after: int


class ChangesResponse(ResponseModel):
    """How many joined, left and stayed from one snapshot to the other; and who, by id."""

    joined: int
    left: int
    stayed: int
    forgotten: ForgottenResponse
    data: list[PersonMovedResponse]
    next_cursor: str | None


@router.get("/{id}/snapshots")
async def snapshots(segment_id: SegmentId, services: Services, limit: Limit = 100) -> Page[SnapshotResponse]:
    """The segment's snapshots, newest first."""
    await services.segments.get(segment_id)
    found = await services.segment_snapshots.newest(segment_id, now(), limit)
    return Page(data=[_response(each) for each in found])


@router.post("/{id}/snapshots", status_code=201)
async def take_snapshot(segment_id: SegmentId, services: Services, person: Caller) -> SnapshotResponse:
    """Take a snapshot of the segment's present members."""
    segment = await services.segments.get(segment_id)
    async with services.audited(person, "segment.snapshot", segment_id, segment.name):
        taken = await services.take_snapshot(segment, f"m{uuid4().hex}", "manual", now(), by=person.email)
    return _response(taken)


@router.post("/{id}/changes")
async def changes(
    segment_id: SegmentId, body: ChangesRequest, services: Services, person: Caller
) -> ChangesResponse:
    """Who joined the segment and who left it, from one snapshot to another or to now.

    Viewers get the figures, and no people.
    """
    from crm.segments.movement import change as compare  # it loads polars

    at, limit = now(), body.limit
    customers = await services.audience.snapshot()
    old = await _members(segment_id, body.before, "from", customers, services, at)
    new = await _members(segment_id, body.after, "to", customers, services, at)
    kinds: Sequence[Literal["joined", "left"]] = ("joined", "left") if body.change is None else (body.change,)
    found = await asyncio.to_thread(compare, customers, old, new, kinds, body.cursor, limit + 1)
    shown = found.people if allows(person.role, "marketer") else ()
    people = [PersonMovedResponse.model_validate(each) for each in shown[:limit]]
    return ChangesResponse(
        joined=found.joined,
        left=found.left,
        stayed=found.stayed,
        forgotten=ForgottenResponse(before=found.forgotten_before, after=found.forgotten_after),
        data=people,
        next_cursor=people[-1].customer_id if len(shown) > limit else None,
    )


async def _members(
    segment_id: str, snapshot_id: str, path: str, customers: "Snapshot", services: AppServices, at: datetime
) -> "Membership":
    """The members of the segment at the snapshot, or now. Raises Invalid at `path`, NotFound."""
    from crm.segments.movement import Membership, current_masks, masks_of  # it loads polars

    if snapshot_id == NOW:
        segment = await services.segments.get(segment_id)
        rules = parse(segment.rules, zone=services.zone)
        masks = await asyncio.to_thread(current_masks, customers, rules, at, services.zone)
        return Membership(masks=masks, total=sum(int(mask.sum()) for mask in masks))
    try:
        snapshot = await services.segment_snapshots.get(segment_id, snapshot_id, at)
        mask = await services.memberships.mask(customers.base, segment_id, snapshot_id, at)
    except NotFound:
        await services.segments.get(segment_id)
        raise Invalid.at(path, "names no snapshot of this segment") from None
    return Membership(masks=await asyncio.to_thread(masks_of, customers, mask), total=snapshot.matched)


def _response(snapshot: SegmentSnapshot) -> SnapshotResponse:
    return SnapshotResponse(
        id=snapshot.snapshot_id,
        at=snapshot.at,
        kind=snapshot.kind,
        campaign_id=snapshot.campaign_id,
        version=snapshot.version,
        matched=snapshot.matched,
        forgotten=snapshot.forgotten,
    )
