"""Sample data for whoever looks around."""

import secrets

from fastapi import APIRouter

from campaigns_api.services import SIGNED_IN, Here, Marketer
from campaigns_api.shapes import Shape
from crm.platform.clock import now
from crm.sample.usecases.sample_data import CUSTOMERS, ORDERS, load_sample, remove_sample, sample_customers

router = APIRouter(prefix="/sample", tags=["sample"], dependencies=[SIGNED_IN])


class LoadedShape(Shape):
    """How much was handed over; it is stored within moments."""

    customers: int
    orders: int


class RemovedShape(Shape):
    """How many sample customers were removed with their orders. Call again while some are left."""

    removed: int
    left: int


@router.post("", status_code=202)
async def load(here: Here, person: Marketer) -> LoadedShape:
    """Load made-up customers and orders. While they are there, doing it again changes nothing."""
    async with here.act(person.email, "sample.load"):
        await load_sample(secrets.token_hex(3), here.sample_loads, here.broker, now())
    return LoadedShape(customers=CUSTOMERS, orders=ORDERS)


@router.delete("")
async def remove(here: Here, person: Marketer) -> RemovedShape:
    """Remove the sample's customers with all that is held of them, and nobody else."""
    ids = sample_customers(await here.audience.snapshot(), now(), here.zone)
    async with here.act(person.email, "sample.remove", detail=f"{len(ids)} customers"):
        left = await remove_sample(ids, here.holdings, here.sample_loads, now())
    return RemovedShape(removed=len(ids) - left, left=left)
