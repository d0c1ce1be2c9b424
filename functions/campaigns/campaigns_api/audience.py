"""The audience while it is being built: how many, who, and why."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from campaigns_api.people import MatchedShape
from campaigns_api.rules import EXAMPLE, Rules
from campaigns_api.services import SIGNED_IN, Here, Viewer
from campaigns_api.shapes import Shape
from crm.audience.rules.tree import parse
from crm.customers.records import Channel, Identifier
from crm.entry.bodies import Body
from crm.platform.clock import now

router = APIRouter(prefix="/audience", tags=["audience"], dependencies=[SIGNED_IN])


class PreviewRequest(Body):
    """Rules, and the channel that says who can be reached."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": EXAMPLE, "channel": "simulator"}]})

    rules: Rules
    channel: Channel = "simulator"


class ExplainRequest(Body):
    """Rules, and the customer about whom to ask."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": EXAMPLE, "customer_id": "C-1001"}]})

    rules: Rules
    customer_id: Identifier


class PreviewShape(Shape):
    """How many match and can be reached as of now, why others cannot, and some of them."""

    matched: int = Field(examples=[201])
    reachable: int = Field(examples=[187])
    excluded: dict[str, int] = Field(examples=[{"no_consent": 12, "no_address": 2}])
    total: int = Field(examples=[4372])
    as_of: datetime
    sample: list[MatchedShape]
    description: str


@router.post("/preview")
async def preview(body: PreviewRequest, request: Request, here: Here, _: Viewer) -> PreviewShape:
    """Count an audience. Exact: whatever was stored before this call is in it."""
    from crm.audience.usecases.audience import preview as count  # it loads polars

    rules, at = parse(body.rules, zone=here.zone), now()
    found, snapshot = await here.audience.asked(
        lambda audience: here.evaluations.take(
            request, lambda: count(audience, rules, at, here.zone, body.channel)
        )
    )
    return PreviewShape(**asdict(found), as_of=snapshot.as_of)


@router.post("/explain")
async def explain(body: ExplainRequest, request: Request, here: Here, _: Viewer) -> dict[str, Any]:
    """Why a customer is in the audience or not: each rule's verdict, and the value that it met."""
    from crm.audience.usecases.audience import explain as reasons  # it loads polars

    rules = parse(body.rules, zone=here.zone)
    snapshot = await here.audience.snapshot()
    return await here.evaluations.take(
        request, lambda: reasons(snapshot, rules, body.customer_id, now(), here.zone)
    )
