"""What the first page shows: everything at a glance."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from campaigns_api.services import SIGNED_IN, Here, Viewer
from campaigns_api.shapes import Shape
from crm.customers.records import Channel
from crm.kernel.money import to_number
from crm.platform.clock import now
from crm.sample.usecases.sample_data import sample_customers

router = APIRouter(prefix="/overview", tags=["overview"], dependencies=[SIGNED_IN])


class SpendShape(Shape):
    """What customers spent. `currency` is the project's, if its amounts have one."""

    total: float = Field(examples=[48210.5])
    currency: str | None = Field(examples=["GBP"])


class MonthShape(Shape):
    """A month in the project's time zone: who came, what was ordered, and what it was worth."""

    month: str = Field(examples=["2026-01"])
    customers_new: int
    orders: int
    spend: float


class OverviewShape(Shape):
    """Everything at a glance. `months` are the latest 24 at most in which anything happened, oldest first;
    more than three without anything are left out. `sample` says whether any of it is sample data."""

    customers: int
    reachable: dict[Channel, int]
    orders: int
    spend: SpendShape
    months: list[MonthShape]
    sample: bool
    as_of: datetime


@router.get("")
async def show(here: Here, _: Viewer) -> OverviewShape:
    """How many customers there are, how many can be reached, and what they bought, month by month."""
    from crm.audience.usecases.overview import overview  # it loads polars

    snapshot = await here.audience.snapshot()
    found = overview(snapshot, now(), here.zone)
    return OverviewShape(
        customers=found.customers,
        reachable=dict(found.reachable),
        orders=found.orders,
        spend=SpendShape(total=to_number(found.spend), currency=here.settings.currency or None),
        months=[
            MonthShape(
                month=each.month,
                customers_new=each.customers_new,
                orders=each.orders,
                spend=to_number(each.spend),
            )
            for each in found.months
        ],
        sample=bool(sample_customers(snapshot, now(), here.zone)),
        as_of=found.as_of,
    )
