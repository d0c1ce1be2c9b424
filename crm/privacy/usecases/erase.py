"""Erase a customer: keep only the time of the erasure, under their key."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crm.customers.customer import erased
from crm.kernel.errors import NotFound, Unavailable
from crm.privacy.erasure_ledger import LedgerEntry
from crm.privacy.ports import CustomerDataStore, ErasureLedger

logger = logging.getLogger(__name__)

ATTEMPTS: Final = 10
"""Commits that may fail because the customer has changed, before the caller is asked to try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseCustomer:
    """Erases a customer and their orders. Safe to repeat; a repeat finishes an interrupted erasure."""

    store: CustomerDataStore
    ledger: ErasureLedger

    async def __call__(self, key: str, now: datetime) -> int:
        """Enter the erasure of the customer with this key into the ledger, then do it. Returns the number of
        dead letters from which they were removed.

        The ledger outlives the database: after a backup is restored, it says which keys have to be erased
        again. Interrupted between the two, the entry is of somebody whom a repeat erases.
        Raises NotFound for an unknown customer, and Unavailable if the ledger cannot be reached or the
        customer keeps changing.
        """
        logger.info("erasing a customer", extra={"ids": {"customer_key": key}})
        is_entered = False
        conflicts = letters = 0
        while conflicts < ATTEMPTS:
            data = await self.store.find(key)
            if data is None:
                raise NotFound("There is no such customer.")
            remains = data.customer.row
            if not is_entered:
                await self.ledger.add(LedgerEntry(key=key, at=remains.erased_at or now))
                is_entered = True
            if remains.erased_at is None:
                remains = replace(erased(remains, now), version=remains.version + 1)
            elif not data.documents:
                return letters
            if await self.store.replace(data, remains):
                letters += data.letters
            else:
                conflicts += 1
        raise Unavailable("This customer changes too often right now.")
