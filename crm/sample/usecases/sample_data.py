"""Sample data for whoever looks around: loaded like anybody's records, and removed without a trace."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final, Protocol

from crm.audience.rules.parse import parse
from crm.customers.records import CustomerRecord, OrderRecord
from crm.customers.usecases.ingest import publish
from crm.kernel.broker import Broker
from crm.kernel.errors import NotFound
from crm.privacy.usecases.erase import EraseCustomer
from crm.sample import generate

if TYPE_CHECKING:
    from crm.audience.engine.snapshot import Snapshot

CUSTOMERS: Final = 200
ORDERS: Final = 800
REMOVED_AT_ONCE: Final = 2_500
"""Customers that one call removes: what it manages within its time."""

_LANES: Final = 16
_RULES: Final = {
    "combinator": "and",
    "rules": [{"field": "tags", "operator": "contains", "value": generate.TAG}],
}


@dataclass(frozen=True, slots=True)
class Load:
    """One load of sample data: what its ids have in common, and the day that it is made for."""

    token: str
    at: datetime


class Loads(Protocol):
    """Which load is there."""

    async def claim(self, token: str, at: datetime) -> Load:
        """The load that is there, or from now on this one."""

    async def end(self) -> None:
        """There is none any more."""


async def load_sample(token: str, loads: Loads, broker: Broker, now: datetime) -> None:
    """Hand the sample to the broker. While one is there, the same again, which changes nothing."""
    load = await loads.claim(token, now)
    prefix = generate.prefix_of(load.token)
    today = load.at.replace(hour=0, minute=0, second=0, microsecond=0)
    people = [CustomerRecord.model_validate(each) for each in generate.customers(CUSTOMERS, today, prefix)]
    orders = [OrderRecord.model_validate(each) for each in generate.orders(ORDERS, CUSTOMERS, today, prefix)]
    await publish(broker, [*people, *orders])


def sample_customers(snapshot: "Snapshot", now: datetime, zone: tzinfo) -> Sequence[str]:
    """The ids of the sample's customers: those with its tag and an id as it makes them."""
    from crm.segments.movement import matching_ids  # it loads polars

    found = matching_ids(snapshot, parse(_RULES, zone=zone), now, zone)
    return sorted(filter(generate.is_sample, found.to_list()))


async def remove_sample(ids: Sequence[str], erase: EraseCustomer, loads: Loads, now: datetime) -> int:
    """Erase these customers, as many as one call can; how many are left. Safe to repeat."""
    waiting = iter(ids[:REMOVED_AT_ONCE])

    async def lane() -> None:
        for customer_id in waiting:
            try:
                await erase(customer_id, now)
            except NotFound:
                continue  # removed meanwhile

    await asyncio.gather(*(lane() for _ in range(_LANES)))
    left = max(len(ids) - REMOVED_AT_ONCE, 0)
    if not left:
        await loads.end()
    return left
