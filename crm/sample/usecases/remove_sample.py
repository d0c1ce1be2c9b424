"""Remove sample data."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from crm.audience.rules.parse import parse
from crm.customers.customer_key import customer_key
from crm.kernel.errors import NotFound
from crm.privacy.usecases.erase import EraseCustomer
from crm.sample import generate
from crm.sample.ports import SampleLoads

if TYPE_CHECKING:
    from crm.audience.engine.snapshot import Snapshot

MAX_REMOVED: Final = 1_500
"""Customers that one call removes; more would take longer than a call may. Each is entered in the ledger of
erasures, which takes some 100 ms, and then erased."""

CONCURRENCY: Final = 16
"""Customers erased concurrently."""

_RULES: Final = {
    "combinator": "and",
    "rules": [{"field": "tags", "operator": "contains", "value": generate.TAG}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSample:
    """Erases sample customers, and ends the load when none are left. Safe to repeat."""

    loads: SampleLoads
    erase_customer: EraseCustomer

    async def __call__(self, customer_ids: Sequence[str], now: datetime) -> int:
        """Erase up to `MAX_REMOVED` of these customers; how many are left. Raises Unavailable."""
        waiting = iter(customer_ids[:MAX_REMOVED])

        async def erase_waiting() -> None:
            for customer_id in waiting:
                try:
                    await self.erase_customer(customer_key(customer_id), now)
                except NotFound:
                    continue  # a concurrent call removed them

        await asyncio.gather(*(erase_waiting() for _ in range(CONCURRENCY)))
        left = max(len(customer_ids) - MAX_REMOVED, 0)
        if not left:
            await self.loads.end()
        return left


def sample_customers(snapshot: "Snapshot", now: datetime, zone: tzinfo) -> Sequence[str]:
    """The ids of the sample's customers, sorted: those with its tag and an id of its form."""
    from crm.segments.movement import matching_ids  # it loads polars

    found = matching_ids(snapshot, parse(_RULES, zone=zone), now, zone)
    return sorted(filter(generate.is_sample, found.to_list()))
