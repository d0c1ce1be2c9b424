"""Campaigns: made, changed, launched, watched."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import Query
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from campaigns_api import audited_values, message_parts, rules
from campaigns_api.campaign_responses import CampaignResponse, campaign_response, campaign_responses
from campaigns_api.ids import EXAMPLE_KEY, CampaignId, Key
from campaigns_api.message_parts import MessagePart, shown_customer
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.rules import Rules
from campaigns_api.services import AppServices, Caller, Cursor, Limit, Services
from crm.access.field_changes import Value
from crm.access.members import SignedIn
from crm.campaigns.campaign import MAX_NAME, Campaign, Resolution, segment_launch
from crm.campaigns.delivery_requests import left_to_the_tick
from crm.campaigns.rate_limit import FASTEST, SLOWEST
from crm.campaigns.usecases.cancel import Cancel
from crm.campaigns.usecases.change_rate import ChangeRate
from crm.campaigns.usecases.pause import Pause
from crm.campaigns.usecases.plan import Plan, PlanCampaign
from crm.campaigns.usecases.request_missing_partitions import RequestMissingPartitions
from crm.campaigns.usecases.resume import Resume
from crm.campaigns.usecases.unschedule import Unschedule
from crm.customers.values import Channel, Instant
from crm.delivery.usecases.send_test import SendTest
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.kernel.errors import Conflict, NotFound
from crm.kernel.hidden_characters import filled_line
from crm.platform.clock import now

router = Router(prefix="/campaigns", tags=["campaigns"])


Rate = Annotated[int, Field(ge=SLOWEST, le=FASTEST)]


class CampaignRequest(RequestModel):
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

    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME),
        AfterValidator(filled_line),
    ]
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


class RateRequest(RequestModel):
    """How many messages may go in a minute; null for as fast as the channel takes them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rate": 600}]})

    rate: Rate | None


class ResolveRequest(RequestModel):
    """`mark_as_sent`: count the unknown messages as sent without a receipt. `send_again`: send a new message
    to each recipient."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"resolution": "mark_as_sent"}]})

    resolution: Literal["mark_as_sent", "send_again"]


class TestSendRequest(RequestModel):
    """For whom to render the test; any customer, when left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"key": EXAMPLE_KEY}]})

    key: Key | None = None


class TestSendResponse(ResponseModel):
    """The vendor's immediate answer to the test."""

    message_id: str
    to: str
    status: str
    reason: str | None


@router.get("")
async def all_campaigns(
    services: Services, person: Caller, limit: Limit = 50, cursor: Cursor = None
) -> Page[CampaignResponse]:
    """The campaigns, newest first, with their figures."""
    async with services.rule_list_slots.one():
        found, next_cursor = await services.campaigns.list(limit, cursor)
        data = await campaign_responses(found, services, person)
    return Page(data=data, next_cursor=next_cursor)


@router.post("", status_code=201)
async def create(body: CampaignRequest, services: Services, person: Caller) -> CampaignResponse:
    """Make a draft, or with `schedule_at` a campaign that launches itself then."""
    at = now()
    fields = await _planned(body.as_plan(), services, at)
    campaign = Campaign(
        campaign_id=uuid4().hex,
        status="draft" if body.schedule_at is None else "scheduled",
        created_at=at,
        created_by=person.email,
        **fields,
    )
    after = audited_values.of_campaign(campaign, services.zone)
    async with services.audited(person, "campaign.create", campaign.campaign_id, body.name, after=after):
        await services.campaigns.create(campaign)
    return await campaign_response(campaign, services, person)


@router.get("/{id}")
async def one(campaign_id: CampaignId, services: Services, person: Caller) -> CampaignResponse:
    """A campaign with its figures, cohorts and latest summary."""
    return await campaign_response(await services.campaigns.get(campaign_id), services, person)


@router.put("/{id}")
async def change(
    campaign_id: CampaignId, body: ChangedCampaign, services: Services, person: Caller
) -> CampaignResponse:
    """Change a campaign that is not launched yet."""
    fields = await _planned(body.as_plan(), services, now())
    stored = await services.campaigns.get(campaign_id)
    async with services.audited(
        person,
        "campaign.change",
        campaign_id,
        body.name,
        before=audited_values.of_campaign(stored, services.zone),
        after=audited_values.of_campaign(replace(stored, **fields), services.zone),
    ):
        changed = await services.campaigns.update_draft(campaign_id, body.version, **fields)
    return await campaign_response(changed, services, person)


@router.delete("/{id}", status_code=204)
async def delete(
    campaign_id: CampaignId,
    services: Services,
    person: Caller,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> None:
    """Delete a draft. With `version`, that is refused when another is stored by now."""
    before: dict[str, Value] = {}
    with suppress(NotFound):
        before = audited_values.of_campaign(await services.campaigns.get(campaign_id), services.zone)
    async with services.audited(
        person, "campaign.delete", campaign_id, str(before.get("name", "")), before=before
    ):
        await services.campaigns.delete_draft(campaign_id, version)


@router.post("/{id}/launch", status_code=202)
async def launch_now(campaign_id: CampaignId, services: Services, person: Caller) -> CampaignResponse:
    """Freeze the audience as of now and begin to send. Works once."""
    from crm.campaigns.usecases.launch import Launch  # it loads polars

    async with services.audited(person, "campaign.launch", campaign_id, await _title(campaign_id, services)):
        launch = Launch(
            campaigns=services.campaigns,
            lists=services.frozen_lists,
            audience=services.audience,
            requests=services.delivery_requests,
            zone=services.zone,
        )
        launched = await launch(campaign_id, now())
    with left_to_the_tick(campaign_id):
        if to_segment := segment_launch(launched):
            await services.snapshot_launch(to_segment, now())
    return await campaign_response(launched, services, person)


@router.post("/{id}/pause", status_code=202)
async def pause_it(campaign_id: CampaignId, services: Services, person: Caller) -> CampaignResponse:
    """Send nothing further for now; chunks in work are finished."""
    async with services.audited(person, "campaign.pause", campaign_id, await _title(campaign_id, services)):
        campaign = await Pause(campaigns=services.campaigns)(campaign_id)
    return await campaign_response(campaign, services, person)


@router.post("/{id}/resume", status_code=202)
async def resume_it(campaign_id: CampaignId, services: Services, person: Caller) -> CampaignResponse:
    """Go on where the campaign was paused."""
    async with services.audited(person, "campaign.resume", campaign_id, await _title(campaign_id, services)):
        requests = services.delivery_requests
        resume = Resume(
            campaigns=services.campaigns,
            chunks=services.frozen,
            requests=requests,
            request_missing_partitions=RequestMissingPartitions(
                lists=services.frozen_lists, requests=requests
            ),
        )
        campaign = await resume(campaign_id, now())
    return await campaign_response(campaign, services, person)


@router.post("/{id}/rate", status_code=202)
async def change_rate(
    campaign_id: CampaignId, body: RateRequest, services: Services, person: Caller
) -> CampaignResponse:
    """Send what has not gone yet at another rate. It cannot be less than one part of the campaign a minute:
    500 messages, or fewer where it was launched with a rate."""
    stored = await services.campaigns.get(campaign_id)
    async with services.audited(
        person,
        "campaign.change_rate",
        campaign_id,
        stored.name,
        before={"rate": stored.rate},
        after={"rate": body.rate},
    ):
        change = ChangeRate(
            campaigns=services.campaigns, chunks=services.frozen, requests=services.delivery_requests
        )
        campaign = await change(campaign_id, body.rate)
    return await campaign_response(campaign, services, person)


@router.post("/{id}/cancel", status_code=202)
async def cancel_it(campaign_id: CampaignId, services: Services, person: Caller) -> CampaignResponse:
    """Send nothing more. Cannot be undone."""
    async with services.audited(person, "campaign.cancel", campaign_id, await _title(campaign_id, services)):
        cancel = Cancel(
            campaigns=services.campaigns, chunks=services.frozen, requests=services.delivery_requests
        )
        campaign = await cancel(campaign_id)
    return await campaign_response(campaign, services, person)


@router.post("/{id}/unschedule", status_code=202)
async def unschedule_it(campaign_id: CampaignId, services: Services, person: Caller) -> CampaignResponse:
    """Make a draft again of a campaign that was to launch itself."""
    stored = await services.campaigns.get(campaign_id)
    before = {"schedule_at": stored.schedule_at}
    async with services.audited(person, "campaign.unschedule", campaign_id, stored.name, before=before):
        campaign = await Unschedule(campaigns=services.campaigns)(campaign_id)
    return await campaign_response(campaign, services, person)


@router.post("/{id}/retry-failed", status_code=202)
async def retry_failed(campaign_id: CampaignId, services: Services, person: Caller) -> CampaignResponse:
    """Send a new message, under a new id, to each recipient whose message failed. Harmless to repeat."""
    async with services.audited(
        person, "campaign.retry_failed", campaign_id, await _title(campaign_id, services)
    ):
        return await _resolved(campaign_id, "retry_failed", services, person)


@router.post("/{id}/resolve", status_code=202)
async def resolve(
    campaign_id: CampaignId, body: ResolveRequest, services: Services, person: Caller
) -> CampaignResponse:
    """Resolve the messages whose outcome is unknown."""
    detail = f"{await _title(campaign_id, services)}, {body.resolution.replace('_', ' ')}"
    async with services.audited(person, "campaign.resolve", campaign_id, detail):
        return await _resolved(campaign_id, body.resolution, services, person)


async def _planned(plan: Plan, services: AppServices, at: datetime) -> dict[str, Any]:
    """The fields of the campaign to store. Raises Invalid."""
    plan_campaign = PlanCampaign(segments=services.segments, zone=services.zone)
    return await plan_campaign(plan, await services.field_names(), at)


async def _title(campaign_id: str, services: AppServices) -> str:
    """The campaign's name, for the audit log; empty if there is no such campaign."""
    with suppress(NotFound):
        return (await services.campaigns.get(campaign_id)).name
    return ""


async def _resolved(
    campaign_id: str, resolution: Resolution, services: AppServices, person: SignedIn
) -> CampaignResponse:
    at = now()
    campaign = await services.request_resolution(campaign_id, resolution, at)
    with left_to_the_tick(campaign_id), suppress(Conflict):
        await services.resolve_messages(campaign, at)
    return await campaign_response(await services.campaigns.get(campaign_id), services, person)


@router.post("/{id}/test", status_code=202)
async def send_test_message(
    campaign_id: CampaignId, services: Services, person: Caller, body: TestSendRequest | None = None
) -> TestSendResponse:
    """Send the message to yourself, as one customer would get it. It counts nowhere."""
    campaign = await services.campaigns.get(campaign_id)
    customer = await shown_customer(body.key if body else None, services)
    async with services.audited(person, "campaign.test", campaign_id, await _title(campaign_id, services)):
        send_test = SendTest(vendor=services.vendor())
        message_id, result = await send_test(
            campaign, customer, person.email, uuid4().hex, services.example_link
        )
    return TestSendResponse(
        message_id=message_id, to=person.email, status=result.status, reason=result.reason
    )
