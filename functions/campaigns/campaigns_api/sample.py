"""Sample data, for people who try the product."""

import asyncio
import secrets

from campaigns_api.responses import ResponseModel
from campaigns_api.services import Caller, Services
from crm.entry.routing import Router
from crm.platform.clock import now
from crm.sample.usecases.load_sample import CUSTOMERS, ORDERS
from crm.sample.usecases.remove_sample import sample_customers

router = Router(prefix="/sample", tags=["sample"])


class LoadedResponse(ResponseModel):
    """How much was handed to the broker; it is stored shortly after."""

    customers: int
    orders: int


class RemovedResponse(ResponseModel):
    """How many sample customers were removed with their orders. Call again while some are left."""

    removed: int
    left: int


@router.post("", status_code=202)
async def load(services: Services, person: Caller) -> LoadedResponse:
    """Load made-up customers and orders. While they are there, a repeat changes nothing."""
    async with services.audited(person, "sample.load"):
        await services.load_sample(secrets.token_hex(3), now())
    return LoadedResponse(customers=CUSTOMERS, orders=ORDERS)


@router.delete("")
async def remove(services: Services, person: Caller) -> RemovedResponse:
    """Erase the customers of the sample, and nobody else."""
    snapshot = await services.audience.snapshot()
    ids = await asyncio.to_thread(sample_customers, snapshot, now(), services.zone)
    async with services.audited(person, "sample.remove", detail=f"{len(ids)} customers"):
        left = await services.remove_sample(ids, now())
    return RemovedResponse(removed=len(ids) - left, left=left)
