"""Erase a customer for good: nothing is left but their id and the moment."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from crm.customers.customer import Customer, erased
from crm.kernel.errors import NotFound, Unavailable

logger = logging.getLogger(__name__)

ATTEMPTS = 10
"""How often a customer may change under our hands before we ask for another call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerData:
    """What is stored of a customer. `orders` are some hundred of their orders, and of the dead letters that
    speak of nobody else; `etag` guards a change of it."""

    customer: Customer
    orders: Sequence[Any]
    etag: Any


class CustomerDataStore(Protocol):
    """What we hold of a customer, changed only as a whole."""

    async def read(self, customer_id: str) -> CustomerData | None:
        """What is held now; None for somebody we never heard of."""

    async def leave(self, held: CustomerData, left: Customer) -> bool:
        """In one commit: store `left`, delete the orders, tell the audience. False where `held` changed."""


async def erase(customer_id: str, now: datetime, holdings: CustomerDataStore) -> None:
    """Erase the customer and their orders. Safe to repeat; where it was stopped, a repeat does the rest.

    The log says so before it is done: it outlives the database, so that whoever was erased since a backup can
    be erased again when that is restored.

    Raises NotFound for an id we never heard of, Unavailable where the customer keeps changing.
    """
    logger.info("erasing a customer", extra={"ids": {"customer_id": customer_id}})
    conflicts = 0
    while conflicts < ATTEMPTS:
        held = await holdings.read(customer_id)
        if held is None:
            raise NotFound("There is no such customer.")
        if held.customer.erased_at is None:
            left = replace(erased(held.customer, now), version=held.customer.version + 1)
        elif held.orders:
            left = held.customer
        else:
            return
        conflicts += not await holdings.leave(held, left)
    raise Unavailable("This customer changes too often right now.")
