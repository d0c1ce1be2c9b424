"""How long a campaign will take, and what it will cost."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query

from campaigns_api.services import SIGNED_IN, Here, Viewer
from campaigns_api.shapes import Shape
from crm.campaigns.rate_limit import MINUTE, SLOWEST
from crm.customers.records import Channel

router = APIRouter(prefix="/campaigns", tags=["campaigns"], dependencies=[SIGNED_IN])


class CostShape(Shape):
    """Money, in units of the currency; null where the project has named none."""

    amount: float
    currency: str | None


class EstimateShape(Shape):
    """About how many seconds sending will take. `cost` is null where the operator has set no price."""

    seconds: float
    cost: CostShape | None


@router.get("/estimate")
async def estimate(
    here: Here,
    _: Viewer,
    recipients: Annotated[int, Query(ge=0, le=1_000_000_000)],
    rate: Annotated[int | None, Query(ge=SLOWEST, le=1_000_000)] = None,
    channel: Channel = "simulator",
) -> EstimateShape:
    """Time and cost of a campaign to so many people, with at most `rate` messages a minute."""
    settings = here.settings
    speed = settings.messages_per_second
    if rate is not None:
        speed = min(speed, rate / MINUTE.total_seconds())
    prices = {"simulator": settings.price_simulator, "email": settings.price_email, "sms": settings.price_sms}
    price = prices[channel]
    cost = None
    if price:
        cost = CostShape(amount=float(Decimal(price) * recipients), currency=settings.currency or None)
    return EstimateShape(seconds=recipients / speed, cost=cost)
