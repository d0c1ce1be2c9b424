"""Tables cut into partitions, and changes brought into one."""

from collections.abc import Mapping

import polars as pl

from crm.audience.manifest import partition_of
from crm.audience.tables import Tables


def split(tables: Tables, count: int) -> Mapping[int, Tables]:
    """The rows by partition, of those partitions that have any. Orders go where their customer belongs."""
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


def folded(block: Tables, changed: Tables, everywhere: pl.DataFrame) -> Tables:
    """A partition after changes: of each row the highest version.

    `changed` are the partition's rows, `everywhere` the changed orders of all partitions: an order that went
    to a customer of another partition leaves this one. Orders of whom no customer is left here go.
    """
    customers = _newest(block.customers, changed.customers, "customer_id")
    here = pl.concat([block.orders["order_id"], changed.orders["order_id"]]).unique().implode()
    orders = _newest(block.orders, everywhere.filter(pl.col("order_id").is_in(here)), "order_id")
    present = customers.filter(~pl.col("removed"))
    return Tables(customers, orders.join(present, on="customer_id", how="semi"))


def _by_partition(frame: pl.DataFrame, places: pl.DataFrame) -> Mapping[int, pl.DataFrame]:
    parts = frame.join(places, on="customer_id").partition_by("partition", as_dict=True, include_key=False)
    return {int(str(number)): part for (number,), part in parts.items()}


def _newest(rows: pl.DataFrame, changed: pl.DataFrame, key: str) -> pl.DataFrame:
    if changed.is_empty():
        return rows
    touched = rows.join(changed, on=key, how="semi")
    rank = [name for name in ("version", "removed") if name in rows.columns]
    best = pl.concat([touched, changed]).sort(rank, maintain_order=True).unique(key, keep="last")
    return pl.concat([rows.join(changed, on=key, how="anti"), best])
