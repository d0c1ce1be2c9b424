"""Which orders a customer has after changes, whatever order the changes are read in.

What a customer has is a fact of their version: a payload says it for each customer in it, by the orders that
it names as theirs and by those that it names as another's. Of all that is said of a customer and an order,
what was said of the customer's highest version counts. So it does not matter that an order's own version
begins anew after its customer was erased.
"""

from typing import Final

import polars as pl

from crm.audience.engine.tables import ORDERS, Tables

HELD: Final = {**ORDERS, "told": pl.Int64}
"""Orders with the version of their customer by which we know that it is theirs."""

_AT_ONCE: Final = 2**62


def orders_after(held: pl.DataFrame, told: Tables, known: pl.DataFrame) -> pl.DataFrame:
    """The orders of all customers concerned, with the columns of `HELD`.

    `held` has orders as they were in a whole state of their customers, `known` the versions of that state,
    and `told` all rows since, as `tables.rows_of` reads them.
    """
    rows = (
        told.orders.join(known.select("customer_id", before="version"), on="customer_id", how="left")
        .filter(pl.col("told").is_null() | pl.col("before").is_null() | (pl.col("told") > pl.col("before")))
        .with_columns(told=pl.coalesce("told", "before", 0))
        .select(HELD.keys())
    )
    here = pl.concat([held, rows])
    return (
        pl.concat([here.with_columns(left=False), _left(here, told)], how="diagonal")
        .sort("told", "left", "version", maintain_order=True)
        .unique(["order_id", "customer_id"], keep="last")
        .filter(~pl.col("left"))
        .drop("left")
    )


def _left(here: pl.DataFrame, told: Tables) -> pl.DataFrame:
    """Orders that a payload names as another's: of a customer in the same payload, as of the version there.

    An order that came without any customer leaves whoever had it in a lower version of its own.
    """
    of_another = (
        here.select("order_id", "customer_id", held="version")
        .unique()
        .join(
            told.orders.select("order_id", "payload", "told", "version", owner="customer_id"), on="order_id"
        )
        .filter(pl.col("customer_id") != pl.col("owner"))
    )
    with_customers = of_another.drop("told", "version").join(
        told.customers.select("payload", "customer_id", told="version"), on=["payload", "customer_id"]
    )
    alone = of_another.filter(pl.col("told").is_null() & (pl.col("version") > pl.col("held")))
    names = ("order_id", "customer_id", "told")
    return pl.concat(
        [with_customers.select(names), alone.with_columns(told=pl.lit(_AT_ONCE, pl.Int64)).select(names)]
    ).with_columns(left=True, version=pl.lit(0, pl.Int64))
