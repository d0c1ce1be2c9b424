"""Load sample data, by the same way as records of the shop."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm.customers.records import CustomerRecord, OrderRecord
from crm.customers.usecases.ingest import Ingest
from crm.sample import generate
from crm.sample.ports import SampleLoads

CUSTOMERS: Final = 200
ORDERS: Final = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSample:
    """Ingests made-up customers and orders. While a load is there, a repeat ingests the same records again,
    which changes nothing."""

    loads: SampleLoads
    ingest: Ingest

    async def __call__(self, token: str, now: datetime) -> None:
        """Return once the broker has the records. `token` names a new load. Raises Unavailable."""
        load = await self.loads.claim(token, now)
        prefix = generate.prefix_of(load.token)
        today = load.at.replace(hour=0, minute=0, second=0, microsecond=0)
        customers = generate.customers(CUSTOMERS, today, prefix)
        orders = generate.orders(ORDERS, CUSTOMERS, today, prefix)
        await self.ingest(
            [
                *(CustomerRecord.model_validate(each) for each in customers),
                *(OrderRecord.model_validate(each) for each in orders),
            ]
        )
