"""The projection at one moment, laid out for evaluation.

`row` is a customer's place in `customers`. Orders carry the row of their customer; tags and attributes, which
few customers share, are kept apart by name as the rows that have them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from crm.audience.tables import Tables


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Customers by `customer_id` in order, their orders, tags and attributes, as of `as_of`.

    `customers` has the columns of `tables.CUSTOMERS` less `removed`, `orders` those of `tables.ORDERS` and
    `row`; `tags` maps a tag to the rows that have it, `attributes` a name to a frame of `row`, `text`,
    `number`, `day`, `flag`. Customers who are not `known` are among them and belong to no audience.
    """

    as_of: datetime
    customers: pl.DataFrame
    orders: pl.DataFrame
    tags: Mapping[str, pl.Series]
    attributes: Mapping[str, pl.DataFrame]

    @property
    def total(self) -> int:
        """How many customers there are."""
        return int(self.customers["known"].sum())


def snapshot_of(tables: Tables, as_of: datetime) -> Snapshot:
    """The tables laid out; erased customers and their orders are left out."""
    customers = tables.customers.filter(~pl.col("removed")).drop("removed").sort("customer_id")
    rows = customers.select("customer_id").with_row_index("row")
    return Snapshot(
        as_of=as_of,
        customers=customers,
        orders=tables.orders.join(rows, on="customer_id", how="inner"),
        tags=_tags(customers),
        attributes=_attributes(customers),
    )


def _tags(customers: pl.DataFrame) -> Mapping[str, pl.Series]:
    pairs = customers.select("tags").with_row_index("row").explode("tags").drop_nulls()
    parts = pairs.partition_by("tags", as_dict=True, include_key=False)
    return {str(tag): frame["row"] for (tag,), frame in parts.items()}


def _attributes(customers: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    pairs = (
        customers.select("attributes").with_row_index("row").explode("attributes").drop_nulls("attributes")
    )
    parts = pairs.unnest("attributes").partition_by("name", as_dict=True, include_key=False)
    return {str(name): frame for (name,), frame in parts.items()}
