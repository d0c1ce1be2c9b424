"""Which orders each customer owns after changes, whatever order the changes are read in.

A payload states, per customer version, which orders the customer owns: those that name them, and not those
that name another customer. The highest customer version wins. So an order's own version may start again after
its customer was erased.
"""

from typing import Final

import polars as pl

from crm.audience.engine.tables import ORDERS, Tables

HELD: Final = {**ORDERS, "customer_version": pl.Int64}
"""Orders, with the customer version at which the order belonged to that customer."""

_ALWAYS: Final = 2**62


def orders_after(held: pl.DataFrame, changes: Tables, known: pl.DataFrame) -> pl.DataFrame:
    """The orders of all changed customers, with the columns of `HELD`.

    `held` has the orders that customers owned in a complete state, `known` the customer versions of that
    state, and `changes` all later rows, as `tables.rows_of` reads them.
    """
    rows = (
        changes.orders.join(known.select("customer_id", before="version"), on="customer_id", how="left")
        .filter(
            pl.col("customer_version").is_null()
            | pl.col("before").is_null()
            | (pl.col("customer_version") > pl.col("before"))
        )
        .with_columns(customer_version=pl.coalesce("customer_version", "before", 0))
        .select(HELD.keys())
    )
    here = pl.concat([held, rows])
    return (
        pl.concat([here.with_columns(left=False), _left(here, changes)], how="diagonal")
        .sort("customer_version", "left", "version", maintain_order=True)
        .unique(["order_id", "customer_id"], keep="last")
        .filter(~pl.col("left"))
        .drop("left")
    )


def _left(here: pl.DataFrame, changes: Tables) -> pl.DataFrame:
    """Orders that a payload assigns to another customer, at the version of the customer who loses them.

    An order in a payload without customers leaves any owner of a lower version of the order.
    """
    of_another = (
        here.select("order_id", "customer_id", held="version")
        .unique()
        .join(
            changes.orders.select("order_id", "payload", "customer_version", "version", owner="customer_id"),
            on="order_id",
        )
        .filter(pl.col("customer_id") != pl.col("owner"))
    )
    with_customers = of_another.drop("customer_version", "version").join(
        changes.customers.select("payload", "customer_id", customer_version="version"),
        on=["payload", "customer_id"],
    )
    alone = of_another.filter(pl.col("customer_version").is_null() & (pl.col("version") > pl.col("held")))
    names = ("order_id", "customer_id", "customer_version")
    return pl.concat(
        [
            with_customers.select(names),
            alone.with_columns(customer_version=pl.lit(_ALWAYS, pl.Int64)).select(names),
        ]
    ).with_columns(left=True, version=pl.lit(0, pl.Int64))
