"""A campaign's figures over time."""

from datetime import datetime

from fastapi import APIRouter

from campaigns_api.services import SIGNED_IN, Here, Name, Viewer
from campaigns_api.shapes import Shape
from crm.campaigns.timeline import timeline

router = APIRouter(prefix="/campaigns", tags=["campaigns"], dependencies=[SIGNED_IN])


class MovedShape(Shape):
    """By how much the figures moved in the stretch that begins at `at`. One goes down where another takes
    over: a failure after it was accepted takes one from `sent`."""

    at: datetime
    sent: int
    delivered: int
    failed: int
    skipped: int
    unknown: int


class TimelineShape(Shape):
    """How the figures moved, oldest first, in at most 240 stretches of `bucket_seconds`, or a little more for
    a campaign of more than two months. Those in which nothing moved are left out; what stands here adds up to
    `stats`."""

    bucket_seconds: int
    data: list[MovedShape]


@router.get("/{id}/timeline")
async def over_time(name: Name, here: Here, _: Viewer) -> TimelineShape:
    """How a campaign's figures came about."""
    await here.campaigns.get(name)
    found = timeline(await here.timelines.read(name))
    return TimelineShape(
        bucket_seconds=found.seconds,
        data=[
            MovedShape(
                at=at,
                sent=moved.accepted + moved.delivered,
                delivered=moved.delivered,
                failed=moved.failed,
                skipped=moved.skipped,
                unknown=moved.unknown,
            )
            for at, moved in found.movements
        ],
    )
