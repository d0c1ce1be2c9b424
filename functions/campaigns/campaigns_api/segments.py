"""Segments, and the catalogue of fields that the rule builder offers."""

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter
from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.rules import EXAMPLE, Rules, described
from campaigns_api.services import SIGNED_IN, Cursor, Here, Limit, Marketer, Name, Services, Viewer
from campaigns_api.shapes import Page, Shape
from crm.adapters.clock import now
from crm.domain.segments import Segment, require_rules
from crm.entry.bodies import Body

router = APIRouter(prefix="/segments", tags=["segments"], dependencies=[SIGNED_IN])

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewSegment(Body):
    """A rule tree and its name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Big, but rare", "rules": EXAMPLE}]})

    name: Title
    rules: Rules


class ChangedSegment(NewSegment):
    """The segment as it shall be. With `version`, the change is refused when another one is stored by now."""

    version: Annotated[int, Field(ge=1)] | None = None


class SegmentShape(Shape):
    """A segment, its rules as posted, and the same in plain words."""

    id: str
    name: str
    rules: Rules
    description: str
    version: int
    created_at: datetime
    updated_at: datetime


@router.get("/fields")
async def fields(here: Here, _: Viewer) -> Page[dict[str, Any]]:
    """The fields that rules can ask about, as react-querybuilder wants them, attributes in use included."""
    from crm.usecases.audience import field_catalogue  # it loads polars

    return Page(data=field_catalogue(await here.audience.snapshot()))


@router.get("")
async def all_segments(here: Here, _: Viewer, limit: Limit = 50, cursor: Cursor = None) -> Page[SegmentShape]:
    """The segments, newest first."""
    found, next_cursor = await here.segments.list(limit, cursor)
    return Page(data=[_shape(segment, here) for segment in found], next_cursor=next_cursor)


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
    )
    await here.segments.create(segment)
    return _shape(segment, here)


@router.get("/{id}")
async def one(name: Name, here: Here, _: Viewer) -> SegmentShape:
    """One segment."""
    return _shape(await here.segments.get(name), here)


@router.put("/{id}")
async def change(name: Name, body: ChangedSegment, here: Here, _: Marketer) -> SegmentShape:
    """Change a segment. Campaigns made from it keep the rules that they were made with."""
    require_rules(body.rules, here.zone)
    return _shape(await here.segments.update(name, body.name, body.rules, now(), body.version), here)


@router.delete("/{id}", status_code=204)
async def delete(name: Name, here: Here, _: Marketer) -> None:
    """Delete a segment. Campaigns made from it keep their rules."""
    await here.segments.delete(name)


def _shape(segment: Segment, here: Services) -> SegmentShape:
    return SegmentShape(
        id=segment.segment_id,
        name=segment.name,
        rules=dict(segment.rules),
        description=described(segment.rules, here.zone),
        version=segment.version,
        created_at=segment.created_at,
        updated_at=segment.updated_at,
    )
