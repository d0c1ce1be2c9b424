"""Verify the audience: is the projection what customers and orders say?"""

from collections.abc import Sequence
from typing import Protocol

import polars as pl

from crm.audience.engine.tables import Tables
from crm.audience.projection.compare import Difference, differences


class Projection(Protocol):
    """The projection at rest, blocks and log together. Raises Unavailable."""

    async def tables(self) -> Tables:
        """All that a reader would see who begins now."""


class Truth(Protocol):
    """The customers and orders themselves. Raises Unavailable."""

    async def everything(self) -> Tables:
        """All of them."""

    async def rows(self, customer_ids: Sequence[str], order_ids: Sequence[str]) -> Tables:
        """These, as far as they exist."""


async def verify(projection: Projection, truth: Truth) -> list[Difference]:
    """Every row of the projection that is not as its source.

    Others may write meanwhile, and the two cannot be read at one moment. So what differs is read again, and
    counts if it then differs in just the same way.
    """
    suspects = list(differences(await projection.tables(), await truth.everything()))
    if not suspects:
        return []
    order_ids = [each.id for each in suspects if each.kind == "order"]
    have = await projection.tables()
    ordered = have.orders.filter(pl.col("order_id").is_in(order_ids))
    placed = await truth.rows([], order_ids)
    customer_ids = {each.id for each in suspects if each.kind == "customer"}
    customer_ids |= {*ordered["customer_id"], *placed.orders["customer_id"]}
    want = await truth.rows(sorted(customer_ids), order_ids)
    people = have.customers.filter(pl.col("customer_id").is_in(list(customer_ids)))
    again = set(differences(Tables(people, ordered), want))
    return [each for each in suspects if each in again]
