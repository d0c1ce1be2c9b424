"""Customers, their orders, and what could not be stored."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from crm.customers.customer import Customer
from crm.customers.dead_letters import DeadLetter, KeptLetter
from crm.customers.order import Order
from crm.kernel.versioned import Change, Seen

T = TypeVar("T")


class RecordStore(Protocol):
    """Where customers, their orders and what could not be stored are kept."""

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
        """All at once or not at all. Raises Conflict where a row is not as it was seen, TooLarge where this
        is more than one commit takes, Invalid where the database refuses what it says, and Unavailable."""


class CustomerStore(RecordStore, Protocol):
    """RecordStore in which a customer is also found by the name of their document."""

    async def find_by_document(self, name: str) -> Seen[Customer] | None:
        """The customer, if there is one."""


class DeadLetters(Protocol):
    """Where an operator finds what could not be processed."""

    async def keep(self, letter: DeadLetter) -> None:
        """Return once the letter is durable; raise Unavailable otherwise."""


class KeptLetters(Protocol):
    """Dead letters that an operator deals with."""

    async def mark_replayed(self, kept: KeptLetter, now: datetime) -> None:
        """Note that it was published again. Raises Conflict where it has come back since."""
