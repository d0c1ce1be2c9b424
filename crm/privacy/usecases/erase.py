"""Erase a customer: keep only the id and the time of the erasure."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from crm.customers.customer import Customer, erased
from crm.kernel.errors import NotFound, Unavailable
from crm.privacy.customer_data import CustomerData

logger = logging.getLogger(__name__)

ATTEMPTS: Final = 10
"""Commits that may fail because the customer has changed, before the caller is asked to try again."""


class CustomerDataStore(Protocol):
    """Reads and replaces what is stored about a customer."""

    async def find(self, customer_id: str) -> CustomerData | None:
        """What is stored now; None for an unknown customer."""

    async def replace(self, data: CustomerData, remains: Customer) -> bool:
        """Store `remains`, delete the documents of `data` and log the change, in one commit.

        False, with nothing written, if `data` has changed since it was read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseCustomer:
    """Erases a customer and their orders. Safe to repeat; a repeat finishes an interrupted erasure."""

    store: CustomerDataStore

    async def __call__(self, customer_id: str, now: datetime) -> None:
        """Log the erasure, then do it.

        The log line outlives the database: after a backup is restored, it says who has to be erased again.
        Raises NotFound for an unknown customer, and Unavailable if the customer keeps changing.
        """
        logger.info("erasing a customer", extra={"ids": {"customer_id": customer_id}})
        conflicts = 0
        while conflicts < ATTEMPTS:
            data = await self.store.find(customer_id)
            if data is None:
                raise NotFound("There is no such customer.")
            remains = data.customer.row
            if remains.erased_at is None:
                remains = replace(erased(remains, now), version=remains.version + 1)
            elif not data.documents:
                return
            conflicts += not await self.store.replace(data, remains)
        raise Unavailable("This customer changes too often right now.")
