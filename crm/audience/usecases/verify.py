"""Verify the audience: compare the projection with its customers and orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from crm.audience.engine.tables import Tables
from crm.audience.projection.compare import Difference, differences


class Projection(Protocol):
    """The stored projection. Raises Unavailable."""

    async def tables(self) -> Tables:
        """Blocks and log together, as a new reader would see them."""


class Truth(Protocol):
    """The customers and orders themselves. Raises Unavailable."""

    async def everything(self) -> Tables:
        """All of them."""

    async def rows(self, customer_ids: Sequence[str], order_ids: Sequence[str]) -> Tables:
        """Those of these that exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """Compare the projection with the customers and orders that it is made of."""

    projection: Projection
    truth: Truth

    async def __call__(self) -> list[Difference]:
        """Every row that differs. Raises Unavailable.

        The two cannot be read at one time while others write. So rows that differ are read a second time,
        and count if they then differ in the same way.
        """
        suspects = list(differences(await self.projection.tables(), await self.truth.everything()))
        if not suspects:
            return []
        order_ids = [each.id for each in suspects if each.kind == "order"]
        have = await self.projection.tables()
        ordered = have.orders.filter(pl.col("order_id").is_in(order_ids))
        placed = await self.truth.rows([], order_ids)
        customer_ids = {each.id for each in suspects if each.kind == "customer"}
        customer_ids |= {*ordered["customer_id"], *placed.orders["customer_id"]}
        want = await self.truth.rows(sorted(customer_ids), order_ids)
        people = have.customers.filter(pl.col("customer_id").is_in(list(customer_ids)))
        again = set(differences(Tables(people, ordered), want))
        return [each for each in suspects if each in again]
