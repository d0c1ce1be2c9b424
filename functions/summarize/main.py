"""Summaries of campaigns in a few sentences, written by Gemini or by rules."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

import functions_framework.aio
from pydantic import BaseModel, StringConstraints
from starlette.requests import Request

from crm import retention
from crm.access import gate
from crm.access.audit_events import AuditEvent
from crm.access.members import SignedIn
from crm.access.rate_limits import RateLimits
from crm.access.refused_members import RefusedMembers
from crm.access.session_auth import SessionAuth, caller_of
from crm.access.sessions import Sessions
from crm.access.store.audit_log import FirestoreAuditLog
from crm.access.store.members import Members
from crm.access.usecases.record_event import RecordEvent
from crm.campaigns.campaign import Campaign
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.counters import Counters
from crm.config import SummarizeSettings, load
from crm.entry import docs, health
from crm.entry.app import create_app, serve
from crm.entry.bodies import RequestModel
from crm.entry.logs import about
from crm.entry.routing import Router
from crm.platform import probes
from crm.platform.clock import now
from crm.platform.firestore.client import client
from crm.summaries.gemini import Gemini
from crm.summaries.ports import Audited
from crm.summaries.store import Summaries
from crm.summaries.usecases.summarize import Summarize

settings = load(SummarizeSettings)
retention.use(settings.retention)
zone = ZoneInfo(settings.time_zone)
PREFIX = "/api/v1/ai"

router = Router(
    prefix=PREFIX, tags=["summaries"], responses=docs.problems(400, 401, 403, 404, 409, 413, 422, 503)
)


class SummaryRequest(RequestModel):
    """The campaign to summarize. Ids that the pattern refuses cannot exist in the database."""

    campaign_id: Annotated[str, StringConstraints(max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class MadeSummary(BaseModel):
    """A campaign's results in words. `note` says why rules wrote it although a model was asked."""

    campaign_id: str
    text: str
    source: Literal["gemini", "rules"]
    model: str | None
    made_at: datetime
    figures: Mapping[str, Any]
    note: str | None


@router.post("/summaries")
async def summaries(body: SummaryRequest, request: Request) -> MadeSummary:
    """The campaign's summary, and the figures that it describes."""
    about(campaign_id=body.campaign_id)
    database = client(settings.project, settings.database)
    summarize_campaign = Summarize(
        campaigns=Campaigns(database),
        counters=Counters(database),
        summaries=Summaries(database),
        writer=gemini(),
        zone=zone,
        audited=audited(caller_of(request, settings.trusted_hops)),
    )
    summary = await summarize_campaign(body.campaign_id, now())
    return MadeSummary.model_validate(summary.as_json())


def audited(person: SignedIn) -> Audited:
    """Logs that `person` has a summary written."""

    def logged(campaign: Campaign) -> AbstractAsyncContextManager[None]:
        event = AuditEvent(
            event_id=uuid4().hex,
            at=now(),
            by=person.email,
            origin=person.origin,
            action="campaign.summarize",
            subject=campaign.campaign_id,
            detail=campaign.name,
        )
        return RecordEvent(log=FirestoreAuditLog(client(settings.project, settings.database)))(event)

    return logged


@cache
def gemini() -> Gemini | None:
    """The model, if a key is set."""
    if not settings.gemini_key:
        return None
    return Gemini(settings.gemini_key, settings.gemini_model, settings.gemini_url, settings.gemini_timeout)


@cache
def members() -> Members:
    """Who may sign in. Made with the first call."""
    return Members(client(settings.project, settings.database))


app = create_app("CRM summaries")
app.include_router(router)
health.mount(app, database=probes.of_database(lambda: client(settings.project, settings.database)))
docs.mount(app, PREFIX)
rates = RateLimits(settings.rate_limits, settings.trusted_hops)
gate.install(
    app,
    "summarize",
    {"session": SessionAuth(Sessions(settings.session_secrets), members, settings.origins)},
    rates,
    RefusedMembers(
        lambda: FirestoreAuditLog(client(settings.project, settings.database)), settings.trusted_hops, now
    ),
)
handler = serve(app)


@functions_framework.aio.http
async def summarize(request: Request) -> Any:
    """The entry point of functions-framework. Its types do not know that an ASGI app may be the answer."""
    return await handler(request)
