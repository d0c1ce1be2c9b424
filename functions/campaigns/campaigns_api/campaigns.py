"""Campaigns: made, changed, launched, watched."""

from contextlib import suppress
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api import message_parts, rules
from campaigns_api.campaign_shapes import CampaignShape, shape, shapes
from campaigns_api.message_parts import MessagePart, shown_customer
from campaigns_api.rules import Rules
from campaigns_api.services import SIGNED_IN, Cursor, Here, Limit, Marketer, Name, Services, Viewer
from campaigns_api.shapes import Page, Shape
from crm.campaigns.campaign import Campaign, Resolution, segment_launch
from crm.campaigns.rate_limit import SLOWEST
from crm.campaigns.usecases.change_rate import change_rate
from crm.campaigns.usecases.control import cancel, pause, resume, unschedule
from crm.campaigns.usecases.plan import Plan, plan_campaign
from crm.campaigns.usecases.requests import left_to_the_tick
from crm.customers.records import Channel, Identifier, Instant
from crm.delivery.usecases.send_test import send_test
from crm.entry.bodies import Body
from crm.kernel.errors import Conflict, NotFound
from crm.platform.clock import now
from crm.supervision.usecases.resolve import request_resolution

router = APIRouter(prefix="/campaigns", tags=["campaigns"], dependencies=[SIGNED_IN])


Rate = Annotated[int, Field(ge=SLOWEST, le=1_000_000)]


class CampaignRequest(Body):
    """What to send, to whom, and when. Exactly one of `rules` and `segment_id`; without a time, by hand.

    `rate` is how many messages may go in a minute; left out, as many as there are.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Come back, 10% off",
                    "channel": "simulator",
                    "rules": rules.EXAMPLE,
                    "message": message_parts.EXAMPLE,
                }
            ]
        }
    )

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    channel: Channel = "simulator"
    message: MessagePart
    rules: Rules | None = None
    segment_id: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9]{1,100}$")] | None = None
    schedule_at: Instant | None = None
    rate: Rate | None = None

    def as_plan(self) -> Plan:
        return Plan(
            name=self.name,
            channel=self.channel,
            message=self.message.as_message(),
            rules=self.rules,
            segment_id=self.segment_id,
            schedule_at=self.schedule_at,
            rate=self.rate,
        )


class ChangedCampaign(CampaignRequest):
    """The campaign as it shall be. With `version`, the change is refused when another is stored by now."""

    version: Annotated[int, Field(ge=1)] | None = None


class PaceRequest(Body):
    """How many messages may go in a minute; null for as fast as the channel takes them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rate": 600}]})

    rate: Rate | None


class ResolveRequest(Body):
    """`sent`: hold the unknown messages for sent, and wait for no receipt. `send_again`: send each anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"as": "sent"}]})

    choice: Annotated[Literal["sent", "send_again"], Field(alias="as")]


class TestSendRequest(Body):
    """For whom to render the test; any customer, when left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"customer_id": "C-1001"}]})

    customer_id: Identifier | None = None


class TestSendResponse(Shape):
    """What the vendor said of the test at once."""

    message_id: str
    to: str
    status: str
    reason: str | None


@router.get("")
async def all_campaigns(
    here: Here, _: Viewer, limit: Limit = 50, cursor: Cursor = None
) -> Page[CampaignShape]:
    """The campaigns, newest first, with their figures."""
    found, next_cursor = await here.campaigns.list(limit, cursor)
    return Page(data=await shapes(found, here), next_cursor=next_cursor)


@router.post("", status_code=201)
async def create(body: CampaignRequest, here: Here, person: Marketer) -> CampaignShape:
    """Make a draft, or with `schedule_at` a campaign that launches itself then."""
    at = now()
    fields = await plan_campaign(body.as_plan(), await here.field_names(), here.segments, at, here.zone)
    campaign = Campaign(
        campaign_id=uuid4().hex,
        status="draft" if body.schedule_at is None else "scheduled",
        created_at=at,
        created_by=person.email,
        **fields,
    )
    async with here.act(person.email, "campaign.create", campaign.campaign_id, body.name):
        await here.campaigns.create(campaign)
    return await shape(campaign, here)


@router.get("/{id}")
async def one(name: Name, here: Here, _: Viewer) -> CampaignShape:
    """A campaign with its figures, cohorts and latest summary."""
    return await shape(await here.campaigns.get(name), here)


@router.put("/{id}")
async def change(name: Name, body: ChangedCampaign, here: Here, person: Marketer) -> CampaignShape:
    """Change a campaign that is not launched yet."""
    fields = await plan_campaign(body.as_plan(), await here.field_names(), here.segments, now(), here.zone)
    async with here.act(person.email, "campaign.change", name, body.name):
        changed = await here.campaigns.update_draft(name, body.version, **fields)
    return await shape(changed, here)


@router.delete("/{id}", status_code=204)
async def delete(
    name: Name, here: Here, person: Marketer, version: Annotated[int | None, Query(ge=1)] = None
) -> None:
    """Delete a draft. With `version`, that is refused when another is stored by now."""
    async with here.act(person.email, "campaign.delete", name, await _title(name, here)):
        await here.campaigns.delete_draft(name, version)


@router.post("/{id}/launch", status_code=202)
async def launch_now(name: Name, here: Here, person: Marketer) -> CampaignShape:
    """Freeze the audience as of this moment and begin to send. Once only."""
    from crm.campaigns.usecases.launch import launch  # it loads polars
    from crm.segments.usecases.take_snapshot import note_launch

    async with here.act(person.email, "campaign.launch", name, await _title(name, here)):
        launched = await launch(
            here.campaigns, here.frozen_lists, here.audience, here.broker, name, now(), here.zone
        )
    with left_to_the_tick(name):
        if launch_of := segment_launch(launched):
            await note_launch(launch_of, here.segments, here.points, here.audience, now(), here.zone)
    return await shape(launched, here)


@router.post("/{id}/pause", status_code=202)
async def pause_it(name: Name, here: Here, person: Marketer) -> CampaignShape:
    """Send nothing further for now; chunks in work are finished."""
    async with here.act(person.email, "campaign.pause", name, await _title(name, here)):
        campaign = await pause(here.campaigns, name)
    return await shape(campaign, here)


@router.post("/{id}/resume", status_code=202)
async def resume_it(name: Name, here: Here, person: Marketer) -> CampaignShape:
    """Go on where the campaign was paused."""
    async with here.act(person.email, "campaign.resume", name, await _title(name, here)):
        campaign = await resume(here.campaigns, here.frozen, here.broker, name, now())
    return await shape(campaign, here)


@router.post("/{id}/pace", status_code=202)
async def change_pace(name: Name, body: PaceRequest, here: Here, person: Marketer) -> CampaignShape:
    """Send what has not gone yet at another rate. It cannot be less than one part of the campaign a minute:
    500 messages, or fewer where it was launched with a rate."""
    limit = f"{body.rate} a minute" if body.rate else "no limit"
    detail = f"{await _title(name, here)}, {limit}"
    async with here.act(person.email, "campaign.rate_version", name, detail):
        campaign = await change_rate(here.campaigns, here.frozen, here.broker, name, body.rate)
    return await shape(campaign, here)


@router.post("/{id}/cancel", status_code=202)
async def cancel_it(name: Name, here: Here, person: Marketer) -> CampaignShape:
    """Send nothing more, for good."""
    async with here.act(person.email, "campaign.cancel", name, await _title(name, here)):
        campaign = await cancel(here.campaigns, here.frozen, here.broker, name)
    return await shape(campaign, here)


@router.post("/{id}/unschedule", status_code=202)
async def unschedule_it(name: Name, here: Here, person: Marketer) -> CampaignShape:
    """Make a draft again of a campaign that was to launch itself."""
    async with here.act(person.email, "campaign.unschedule", name, await _title(name, here)):
        campaign = await unschedule(here.campaigns, name)
    return await shape(campaign, here)


@router.post("/{id}/retry-failed", status_code=202)
async def retry_failed(name: Name, here: Here, person: Marketer) -> CampaignShape:
    """Send to those anew whose message failed, each under a new id. Harmless to repeat."""
    async with here.act(person.email, "campaign.retry_failed", name, await _title(name, here)):
        return await _reworked(name, "retry_failed", here)


@router.post("/{id}/resolve", status_code=202)
async def resolve(name: Name, body: ResolveRequest, here: Here, person: Marketer) -> CampaignShape:
    """Decide on messages of which nobody knows whether they were sent."""
    detail = f"{await _title(name, here)}, {body.choice.replace('_', ' ')}"
    async with here.act(person.email, "campaign.resolve", name, detail):
        return await _reworked(name, "take_as_sent" if body.choice == "sent" else "send_again", here)


async def _title(name: str, here: Services) -> str:
    """What the campaign is called, for whoever reads of the act; empty where there is none."""
    with suppress(NotFound):
        return (await here.campaigns.get(name)).name
    return ""


async def _reworked(name: str, resolution: Resolution, here: Services) -> CampaignShape:
    at = now()
    campaign = await request_resolution(here.campaigns, here.counters, name, resolution, at)
    with left_to_the_tick(name), suppress(Conflict):
        await here.reworking(campaign, at)
    return await shape(await here.campaigns.get(name), here)


@router.post("/{id}/test", status_code=202)
async def send_test_message(
    name: Name, here: Here, person: Marketer, body: TestSendRequest | None = None
) -> TestSendResponse:
    """Send the message to yourself, as one customer would get it. It counts nowhere."""
    campaign = await here.campaigns.get(name)
    customer = await shown_customer(body.customer_id if body else None, here)
    async with here.act(person.email, "campaign.test", name, await _title(name, here)):
        message_id, verdict = await send_test(
            campaign, customer, person.email, uuid4().hex, here.example_link, here.vendor()
        )
    return TestSendResponse(
        message_id=message_id, to=person.email, status=verdict.status, reason=verdict.reason
    )
