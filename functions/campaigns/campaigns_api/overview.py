"""What the first page shows: everything at a glance."""

from datetime import datetime

from fastapi import Request
from pydantic import Field

from campaigns_api.responses import ResponseModel
from campaigns_api.services import Caller, Services
from crm.customers.values import Channel
from crm.entry.routing import Router
from crm.kernel.money import to_number
from crm.platform.clock import now
from crm.sample.usecases.remove_sample import sample_customers

router = Router(prefix="/overview", tags=["overview"])


class SpendResponse(ResponseModel):
    """What customers spent. `currency` is the project's, if its amounts have one."""

    total: float = Field(examples=[48210.5])
    currency: str | None = Field(examples=["GBP"])


class MonthResponse(ResponseModel):
    """A month in the project's time zone: who came, what was ordered, and what it was worth."""

    month: str = Field(examples=["2026-01"])
    customers_new: int
    orders: int
    spend: float


class OverviewResponse(ResponseModel):
    """Everything at a glance. `months` are the latest 24 at most in which anything happened, oldest first;
    more than three without anything are left out. `sample` says whether any of it is sample data."""

    customers: int
    reachable: dict[Channel, int]
    orders: int
    spend: SpendResponse
    months: list[MonthResponse]
    sample: bool
    as_of: datetime


@router.get("")
async def show(request: Request, services: Services, person: Caller) -> OverviewResponse:
    """How many customers there are, how many can be reached, and what they bought, month by month."""
    from crm.audience.usecases.overview import overview  # it loads polars

    snapshot, at = await services.audience.snapshot(), now()
    found, sample = await services.evaluations.run(
        request,
        person.email,
        lambda: (overview(snapshot, at, services.zone), sample_customers(snapshot, at, services.zone)),
    )
    return OverviewResponse(
        customers=found.customers,
        reachable=dict(found.reachable),
        orders=found.orders,
        spend=SpendResponse(total=to_number(found.spend), currency=services.settings.currency or None),
        months=[
            MonthResponse(
                month=each.month,
                customers_new=each.customers_new,
                orders=each.orders,
                spend=to_number(each.spend),
            )
            for each in found.months
        ],
        sample=bool(sample),
        as_of=found.as_of,
    )
