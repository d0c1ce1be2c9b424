"""The web app's API: session, members, keys, customers, segments, audience, campaigns."""

from functools import cache
from typing import Any

import functions_framework.aio
from starlette.requests import Request

from campaigns_api import (
    audience,
    audit,
    customer_exports,
    customer_segments,
    customers,
    estimates,
    imports,
    keys,
    limits,
    log_rows,
    members,
    messages,
    overview,
    sample,
    segment_snapshots,
    segments,
    session,
    suppressions,
    timeline,
    webhook_secrets,
)
from campaigns_api import campaigns as campaign_routes
from campaigns_api.responses import PROBLEMS
from campaigns_api.services import AppServices
from crm import retention
from crm.access import gate
from crm.access.rate_limits import RateLimits
from crm.access.refused_members import RefusedMembers
from crm.access.session_auth import SessionAuth
from crm.access.sessions import Sessions
from crm.config import CampaignsSettings, load
from crm.customers.customer_key import use_secret
from crm.entry import docs, health
from crm.entry.app import create_app, serve
from crm.platform import probes
from crm.platform.clock import now
from crm.topology import PUBLISHES

ROUTERS = (
    session,
    overview,
    customers,
    customer_segments,
    customer_exports,
    suppressions,
    segments,
    segment_snapshots,
    audience,
    messages,
    estimates,
    imports,
    campaign_routes,
    log_rows,
    timeline,
    keys,
    limits,
    members,
    webhook_secrets,
    sample,
    audit,
)

settings = load(CampaignsSettings)
retention.use(settings.retention)
use_secret(settings.id_key)


@cache
def services() -> AppServices:
    """What the routes work with. Made with the first call, in the event loop."""
    return AppServices(settings)


app = create_app("CRM", "What the web app does, and programs of a signed-in person may do.")
app.state.services = services
for module in ROUTERS:
    app.include_router(module.router, prefix="/api/v1", responses=PROBLEMS)
health.mount(
    app,
    database=probes.of_database(lambda: services().database),
    broker=probes.of_topics(lambda: services().broker, *PUBLISHES["campaigns"]),
)
docs.mount(app, "/api/v1")
rates = RateLimits(settings.rate_limits, settings.trusted_hops)
gate.install(
    app,
    "campaigns",
    {
        "session": SessionAuth(
            Sessions(settings.session_secrets), lambda: services().members, settings.origins
        )
    },
    rates,
    RefusedMembers(lambda: services().audit_log, settings.trusted_hops, now),
)
handler = serve(app)


@functions_framework.aio.http
async def campaigns(request: Request) -> Any:
    """The entry point of functions-framework. Its types do not know that an ASGI app may be the answer."""
    return await handler(request)
