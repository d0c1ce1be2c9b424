"""Splits tables into partitions, and applies changes to a partition."""

from collections.abc import Mapping

import polars as pl

from crm.audience.engine.order_ownership import orders_after
from crm.audience.engine.tables import ORDERS, Tables, newest
from crm.audience.projection.manifest import partition_of


def split(tables: Tables, count: int) -> Mapping[int, Tables]:
    """The rows by partition, without empty ones. An order is in the partition of its customer."""
    ids = pl.concat([tables.customers["customer_id"], tables.orders["customer_id"]]).unique()
    places = pl.DataFrame(
        {"customer_id": ids, "partition": [partition_of(each, count) for each in ids]},
        schema={"customer_id": pl.String, "partition": pl.Int32},
    )
    customers, orders = (_by_partition(frame, places) for frame in (tables.customers, tables.orders))
    return {
        number: Tables(
            customers.get(number, tables.customers.clear()), orders.get(number, tables.orders.clear())
        )
        for number in sorted({*customers, *orders})
    }


def folded(block: Tables, mine: Tables, changes: Tables) -> Tables:
    """A partition after changes: of each customer the highest version, with the orders of that version.

    Nothing is left of erased customers: their removal is later in the log than everything else about them,
    and the log is folded in its order.

    `changes` are all rows of the change log's payloads, as `tables.rows_of` reads them, and `mine` those of
    the partition's customers. An order that is now of a customer in another partition is removed from this
    one.
    """
    customers = newest([mine.customers.drop("payload"), block.customers], "customer_id")
    known = block.customers.select("customer_id", "version")
    held = block.orders.join(known.rename({"version": "customer_version"}), on="customer_id")
    here = pl.concat([held["order_id"], mine.orders["order_id"]]).unique().implode()
    concerned = Tables(mine.customers, changes.orders.filter(pl.col("order_id").is_in(here)))
    present = customers.filter(~pl.col("removed"))
    orders = orders_after(held, concerned, known).join(present, on="customer_id", how="semi")
    return Tables(present, orders.select(ORDERS.keys()))


def _by_partition(frame: pl.DataFrame, places: pl.DataFrame) -> Mapping[int, pl.DataFrame]:
    parts = frame.join(places, on="customer_id").partition_by("partition", as_dict=True, include_key=False)
    return {int(str(number)): part for (number,), part in parts.items()}
