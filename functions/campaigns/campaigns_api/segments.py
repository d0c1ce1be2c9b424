"""Segments, and the catalogue of fields that the rule builder offers."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter
from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.rules import EXAMPLE, Rules, described
from campaigns_api.segment_shapes import SegmentShape, shape, sized
from campaigns_api.services import SIGNED_IN, Cursor, Here, Limit, Marketer, Name, Viewer
from campaigns_api.shapes import Page, Shape
from crm.entry.bodies import Body
from crm.kernel.errors import NotFound
from crm.platform.clock import now
from crm.segments.segment import Segment, next_daily_point, require_rules

router = APIRouter(prefix="/segments", tags=["segments"], dependencies=[SIGNED_IN])

SIZED_PAGE = 50
"""Segments of a page with figures: each is counted anew."""

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewSegment(Body):
    """A rule tree and its name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Big, but rare", "rules": EXAMPLE}]})

    name: Title
    rules: Rules


class ChangedSegment(NewSegment):
    """The segment as it shall be. With `version`, the change is refused when another one is stored by now."""

    version: Annotated[int, Field(ge=1)] | None = None


class VersionShape(Shape):
    """What a segment was at one of its versions, and who made it that."""

    version: int
    name: str
    rules: Rules
    description: str
    changed_at: datetime
    changed_by: str


@router.get("/fields")
async def fields(here: Here, _: Viewer) -> Page[dict[str, Any]]:
    """The fields that rules can ask about, as react-querybuilder wants them, attributes in use included."""
    from crm.audience.usecases.audience import field_catalogue  # it loads polars

    return Page(data=field_catalogue(await here.audience.snapshot()))


@router.get("")
async def all_segments(
    here: Here, _: Viewer, limit: Limit = 50, cursor: Cursor = None, sizes: bool = True
) -> Page[SegmentShape]:
    """The segments, newest first; with how many each holds now, at most 50 of them in a page."""
    found, next_cursor = await here.segments.list(min(limit, SIZED_PAGE) if sizes else limit, cursor)
    data = await sized(found, here) if sizes else [shape(segment, here) for segment in found]
    return Page(data=data, next_cursor=next_cursor)


@router.post("", status_code=201)
async def create(body: NewSegment, here: Here, person: Marketer) -> SegmentShape:
    """Keep a rule tree under a name."""
    require_rules(body.rules, here.zone)
    at = now()
    segment = Segment(
        segment_id=uuid4().hex,
        name=body.name,
        rules=body.rules,
        created_at=at,
        created_by=person.email,
        updated_at=at,
        updated_by=person.email,
    )
    async with here.act(person.email, "segment.create", segment.segment_id, body.name):
        await here.segments.create(segment, next_daily_point(at, here.zone))
    return shape(segment, here)


@router.get("/{id}")
async def one(name: Name, here: Here, _: Viewer, sizes: bool = False) -> SegmentShape:
    """One segment; with `sizes`, with how many it holds now."""
    segment = await here.segments.get(name)
    return (await sized([segment], here))[0] if sizes else shape(segment, here)


@router.get("/{id}/versions")
async def versions(name: Name, here: Here, _: Viewer) -> Page[VersionShape]:
    """What the segment was, newest first. Its present version is the first."""
    return Page(
        data=[
            VersionShape(
                version=each.version,
                name=each.name,
                rules=dict(each.rules),
                description=described(each.rules, here.zone),
                changed_at=each.changed_at,
                changed_by=each.changed_by,
            )
            for each in await here.segments.versions(name)
        ]
    )


@router.put("/{id}")
async def change(name: Name, body: ChangedSegment, here: Here, person: Marketer) -> SegmentShape:
    """Change a segment; what it was stays among its versions. Campaigns keep the rules they began with."""
    require_rules(body.rules, here.zone)
    async with here.act(person.email, "segment.change", name, body.name):
        changed = await here.segments.update(name, body.name, body.rules, person.email, now(), body.version)
    return shape(changed, here)


@router.delete("/{id}", status_code=204)
async def delete(name: Name, here: Here, person: Marketer) -> None:
    """Delete a segment, its versions and points. Campaigns made from it keep their rules."""
    title = ""
    with suppress(NotFound):
        title = (await here.segments.get(name)).name
    async with here.act(person.email, "segment.delete", name, title):
        await here.segments.delete(name, now())
