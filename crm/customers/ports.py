"""What the use cases of customers need: a store of customers and orders, and one of dead letters."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm.customers.customer import Customer
from crm.customers.dead_letters import DeadLetter, KeptLetter
from crm.customers.order import Order
from crm.kernel.versioned import Change, Seen

Pause = Callable[[int], Awaitable[None]]
"""Waits before another attempt; given the number of attempts that failed before the last one."""


class RecordStore(Protocol):
    """Stores customers and orders, and the records that could not become one."""

    async def find(
        self, customer_ids: Collection[str], order_ids: Collection[str]
    ) -> tuple[Mapping[str, Seen[Customer]], Mapping[str, Seen[Order]]]:
        """The customers and orders that exist, by id."""

    async def orders_of(self, customer_id: str) -> Sequence[Order]:
        """Every order of a customer."""

    async def commit(
        self,
        customers: Sequence[Change[Customer]],
        orders: Sequence[Change[Order]],
        letters: Sequence[DeadLetter],
    ) -> None:
        """Write everything or nothing.

        Raises Conflict if a row has changed since it was seen, TooLarge if one commit cannot hold this much,
        Invalid if the database refuses a value, and Unavailable.
        """


class CustomerStore(RecordStore, Protocol):
    """A RecordStore that also finds a customer by key, which is what unsubscribe links hold."""

    async def find_by_key(self, key: str) -> Seen[Customer] | None:
        """The customer, or None. An erased one has no id."""


class DeadLetters(Protocol):
    """Stores dead letters."""

    async def keep_all(self, letters: Sequence[DeadLetter]) -> None:
        """Return once the letters are durable. Raises Unavailable."""


class KeptLetters(Protocol):
    """Marks dead letters."""

    async def mark_replayed(self, kept: KeptLetter, now: datetime) -> None:
        """Note that the letter was published again. Raises Conflict if it has changed since it was read."""
