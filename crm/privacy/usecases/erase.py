"""Erase a customer: keep only the time of the erasure, under their key."""

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

    async def find(self, key: str) -> CustomerData | None:
        """What is stored now of the customer with this key; None if there is none."""

    async def replace(self, data: CustomerData, remains: Customer) -> bool:
        """Store `remains`, remove the customer from `data.documents` and log the change, in one commit.

        False, with nothing written, if `data` has changed since it was read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseCustomer:
    """Erases a customer and their orders. Safe to repeat; a repeat finishes an interrupted erasure."""

    store: CustomerDataStore

    async def __call__(self, key: str, now: datetime) -> None:
        """Log the erasure of the customer with this key, then do it.

        The log line outlives the database: after a backup is restored, it says which keys have to be erased
        again.
        Raises NotFound for an unknown customer, and Unavailable if the customer keeps changing.
        """
        logger.info("erasing a customer", extra={"ids": {"customer_key": key}})
        conflicts = 0
        while conflicts < ATTEMPTS:
            data = await self.store.find(key)
            if data is None:
                raise NotFound("There is no such customer.")
            remains = data.customer.row
            if remains.erased_at is None:
                remains = replace(erased(remains, now), version=remains.version + 1)
            elif not data.documents:
                return
            conflicts += not await self.store.replace(data, remains)
        raise Unavailable("This customer changes too often right now.")
