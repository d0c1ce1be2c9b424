"""Estimates of a campaign's duration and cost."""

from decimal import Decimal
from typing import Annotated

from fastapi import Query

from campaigns_api.responses import ResponseModel
from campaigns_api.services import Services
from crm.campaigns.rate_limit import FASTEST, MINUTE, SLOWEST
from crm.customers.values import Channel
from crm.entry.routing import Router

router = Router(prefix="/campaigns", tags=["campaigns"])


class CostResponse(ResponseModel):
    """An amount in units of `currency`, which is null if the project has configured none."""

    amount: float
    currency: str | None


class EstimateResponse(ResponseModel):
    """The approximate duration of sending. `cost` is null if no price is configured for the channel."""

    seconds: float
    cost: CostResponse | None


@router.get("/estimate")
async def estimate(
    services: Services,
    recipients: Annotated[int, Query(ge=0, le=1_000_000_000)],
    rate: Annotated[int | None, Query(ge=SLOWEST, le=FASTEST)] = None,
    channel: Channel = "simulator",
) -> EstimateResponse:
    """Duration and cost of a campaign to `recipients`, at `rate` messages a minute or unlimited."""
    settings = services.settings
    speed = settings.messages_per_second
    if rate is not None:
        speed = min(speed, rate / MINUTE.total_seconds())
    prices = {"simulator": settings.price_simulator, "email": settings.price_email, "sms": settings.price_sms}
    price = prices[channel]
    cost = None
    if price:
        cost = CostResponse(amount=float(Decimal(price) * recipients), currency=settings.currency or None)
    return EstimateResponse(seconds=recipients / speed, cost=cost)
