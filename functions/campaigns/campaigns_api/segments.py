"""Segments, and the catalogue of fields that the rule builder offers."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from campaigns_api import audited_values
from campaigns_api.ids import SegmentId
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.rule_models import RuleField
from campaigns_api.rules import EXAMPLE, Rules, sees_people, shown_rules
from campaigns_api.segment_responses import SegmentResponse, shape, sized
from campaigns_api.services import AppServices, Caller, Cursor, Limit, Services
from crm.access.field_changes import Value
from crm.access.members import SignedIn
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.kernel.errors import NotFound
from crm.kernel.hidden_characters import filled_line
from crm.platform.clock import now
from crm.segments.segment import MAX_NAME, Segment, Version, next_daily_snapshot, require_rules

router = Router(prefix="/segments", tags=["segments"])

SHARED_BY = 5
"""Customers who share a value that viewers are offered."""

SIZED_PAGE = 50
"""Segments of a page with figures: each is counted again."""

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME),
    AfterValidator(filled_line),
]


class NewSegment(RequestModel):
    """A rule tree and its name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Big, but rare", "rules": EXAMPLE}]})

    name: Title
    rules: Rules


class ChangedSegment(NewSegment):
    """The segment as it shall be. With `version`, the change is refused when another one is stored by now."""

    version: Annotated[int, Field(ge=1)] | None = None


class VersionResponse(ResponseModel):
    """What a segment was at one of its versions, and who made it that."""

    version: int
    name: str
    rules: Rules
    description: str
    changed_at: datetime
    changed_by: str


@router.get("/fields")
async def fields(services: Services, person: Caller) -> Page[RuleField]:
    """The fields that rules can ask about, as react-querybuilder wants them, attributes in use included.

    Viewers are offered only values that several customers share.
    """
    from crm.audience.engine.field_catalogue import field_catalogue  # it loads polars

    least = 1 if sees_people(person) else SHARED_BY
    found = await asyncio.to_thread(field_catalogue, await services.audience.snapshot(), least)
    return Page[RuleField].model_validate({"data": found})


@router.get("")
async def all_segments(
    services: Services, person: Caller, limit: Limit = 50, cursor: Cursor = None, sizes: bool = True
) -> Page[SegmentResponse]:
    """The segments, newest first; with how many each holds now, at most 50 of them in a page."""
    async with services.rule_list_slots.one():
        found, next_cursor = await services.segments.list(min(limit, SIZED_PAGE) if sizes else limit, cursor)
        if sizes:
            data = await sized(found, services, person)
        else:
            data = await asyncio.to_thread(_shapes, found, services, person)
    return Page(data=data, next_cursor=next_cursor)


def _shapes(segments: Sequence[Segment], services: AppServices, person: SignedIn) -> list[SegmentResponse]:
    return [shape(segment, services, person) for segment in segments]


@router.post("", status_code=201)
async def create(body: NewSegment, services: Services, person: Caller) -> SegmentResponse:
    """Keep a rule tree under a name."""
    await asyncio.to_thread(require_rules, body.rules, services.zone)
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
    after = await asyncio.to_thread(audited_values.of_segment, segment, services.zone)
    async with services.audited(person, "segment.create", segment.segment_id, body.name, after=after):
        await services.segments.create(segment, next_daily_snapshot(at, services.zone))
    return await asyncio.to_thread(shape, segment, services, person)


@router.get("/{id}")
async def one(
    segment_id: SegmentId, services: Services, person: Caller, sizes: bool = False
) -> SegmentResponse:
    """One segment; with `sizes`, with how many it holds now."""
    segment = await services.segments.get(segment_id)
    if sizes:
        return (await sized([segment], services, person))[0]
    return await asyncio.to_thread(shape, segment, services, person)


@router.get("/{id}/versions")
async def versions(
    segment_id: SegmentId, services: Services, person: Caller, limit: Limit = 50, cursor: Cursor = None
) -> Page[VersionResponse]:
    """What the segment was, newest first. Its present version is the first."""
    async with services.rule_list_slots.one():
        found, next_cursor = await services.segments.versions(segment_id, limit, cursor)
        data = await asyncio.to_thread(_version_shapes, found, services, person)
    return Page(data=data, next_cursor=next_cursor)


def _version_shapes(
    versions: Sequence[Version], services: AppServices, person: SignedIn
) -> list[VersionResponse]:
    return [
        VersionResponse(
            version=each.version,
            name=each.name,
            rules=rules,
            description=description,
            changed_at=each.changed_at,
            changed_by=each.changed_by,
        )
        for each in versions
        for rules, description in (shown_rules(each.rules, services.zone, person),)
    ]


@router.put("/{id}")
async def change(
    segment_id: SegmentId, body: ChangedSegment, services: Services, person: Caller
) -> SegmentResponse:
    """Change a segment; what it was stays among its versions. Campaigns keep the rules they began with."""
    await asyncio.to_thread(require_rules, body.rules, services.zone)
    stored = await services.segments.get(segment_id)
    async with services.audited(
        person,
        "segment.change",
        segment_id,
        body.name,
        before=await asyncio.to_thread(audited_values.of_segment, stored, services.zone),
        after=await asyncio.to_thread(
            audited_values.of_segment,
            replace(stored, name=body.name, rules=body.rules),
            services.zone,
        ),
    ):
        changed = await services.segments.update(
            segment_id, body.name, body.rules, person.email, now(), body.version
        )
    return await asyncio.to_thread(shape, changed, services, person)


@router.delete("/{id}", status_code=204)
async def delete(segment_id: SegmentId, services: Services, person: Caller) -> None:
    """Delete a segment, its versions and snapshots. Campaigns made from it keep their rules."""
    before: dict[str, Value] = {}
    with suppress(NotFound):
        before = audited_values.of_segment(await services.segments.get(segment_id), services.zone)
    async with services.audited(
        person, "segment.delete", segment_id, str(before.get("name", "")), before=before
    ):
        await services.segments.delete(segment_id, now())
