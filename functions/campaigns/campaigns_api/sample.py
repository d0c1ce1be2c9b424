"""Sample data for whoever looks around."""

import secrets

from fastapi import APIRouter

from campaigns_api.responses import ResponseModel
from campaigns_api.services import SIGNED_IN, Marketer, Services
from crm.platform.clock import now
from crm.sample.usecases.sample_data import CUSTOMERS, ORDERS, load_sample, remove_sample, sample_customers

router = APIRouter(prefix="/sample", tags=["sample"], dependencies=[SIGNED_IN])


class LoadedResponse(ResponseModel):
    """How much was handed over; it is stored within moments."""

    customers: int
    orders: int


class RemovedResponse(ResponseModel):
    """How many sample customers were removed with their orders. Call again while some are left."""

    removed: int
    left: int


@router.post("", status_code=202)
async def load(services: Services, person: Marketer) -> LoadedResponse:
    """Load made-up customers and orders. While they are there, doing it again changes nothing."""
    async with services.audited(person.email, "sample.load"):
        await load_sample(secrets.token_hex(3), services.sample_loads, services.broker, now())
    return LoadedResponse(customers=CUSTOMERS, orders=ORDERS)


@router.delete("")
async def remove(services: Services, person: Marketer) -> RemovedResponse:
    """Remove the sample's customers with all that is held of them, and nobody else."""
    ids = sample_customers(await services.audience.snapshot(), now(), services.zone)
    async with services.audited(person.email, "sample.remove", detail=f"{len(ids)} customers"):
        left = await remove_sample(ids, services.erase_customer, services.sample_loads, now())
    return RemovedResponse(removed=len(ids) - left, left=left)
