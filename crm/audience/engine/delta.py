"""Customers changed since the base was loaded, with the base's versions of them.

A customer is looked up in the base once, when a change first names them. After that a change costs time in
proportion to its own size and the delta's.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from crm.audience.engine.numbers import Rows
from crm.audience.engine.order_ownership import HELD, orders_after
from crm.audience.engine.parts import Part
from crm.audience.engine.tables import ORDERS, Tables, newest, rows_of

_KNOWN = {"customer_id": pl.String, "version": pl.Int64, "removed": pl.Boolean, "row": pl.UInt32}


@dataclass(frozen=True, slots=True, eq=False)
class Delta:
    """The changes since the base was loaded, and their result."""

    changes: Tables
    """All changed rows, as `tables.rows_of` reads them."""
    tables: Tables
    """The customers who are newer than in the base, with all their orders."""
    known: pl.DataFrame
    """Changed customers that the base has: `customer_id`, `version`, `removed` and their `row` there."""
    moved: Rows
    """The rows of the base that no longer count."""
    held: pl.DataFrame
    """The orders of these rows in the base, with the columns of `order_ownership.HELD`."""


def no_changes() -> Delta:
    """A delta without changes."""
    changes = rows_of([])
    return Delta(
        changes,
        Tables(changes.customers.drop("payload"), changes.orders.select(ORDERS.keys())),
        pl.DataFrame(schema=_KNOWN),
        np.zeros(0, np.uint32),
        pl.DataFrame(schema=HELD),
    )


def grown(base: Part, delta: Delta, more: Tables) -> Delta:
    """The delta after more changes."""
    changes = _together(delta.changes, more)
    named = pl.concat([more.customers["customer_id"], more.orders["customer_id"]]).unique()
    new = named.filter(~named.is_in(delta.known["customer_id"].implode()))
    known = pl.concat([delta.known, _known(base, base.places(new))])
    news = (
        changes.customers.join(
            known.select("customer_id", before=_rank()), on="customer_id", how="left", maintain_order="left"
        )
        .filter(pl.col("before").is_null() | (_rank() > pl.col("before")))
        .drop("before", "payload")
    )
    alone = changes.orders.filter(pl.col("customer_version").is_null())["customer_id"].unique()
    unchanged = _rows(known, alone.filter(~alone.is_in(news["customer_id"].implode())))
    customers = newest([news, base.rows(unchanged)], "customer_id")
    moved = np.union1d(delta.moved, _rows(known, pl.concat([customers["customer_id"], alone]).unique()))
    held = delta.held
    if len(moved) > len(delta.moved):
        here = base.orders_of(np.setdiff1d(moved, delta.moved, assume_unique=True))
        held = pl.concat(
            [held, here.join(known.select("customer_id", customer_version="version"), on="customer_id")]
        )
    orders = orders_after(held, changes, known.select("customer_id", "version"))
    mine = orders.join(customers, on="customer_id", how="semi").select(ORDERS.keys())
    return Delta(changes, Tables(customers, mine), known, moved, held)


def _together(changes: Tables, more: Tables) -> Tables:
    """The rows of earlier and of new payloads, numbered consecutively."""
    highest = [frame["payload"].max() for frame in (changes.customers, changes.orders)]
    after = max((each for each in highest if isinstance(each, int)), default=-1) + 1
    return Tables(
        pl.concat([changes.customers, more.customers.with_columns(pl.col("payload") + after)]),
        pl.concat([changes.orders, more.orders.with_columns(pl.col("payload") + after)]),
    )


def _known(base: Part, rows: Rows) -> pl.DataFrame:
    return base.versions(rows).with_columns(row=pl.Series(rows, dtype=pl.UInt32))


def _rows(known: pl.DataFrame, ids: pl.Series) -> Rows:
    return known.filter(pl.col("customer_id").is_in(ids.implode()))["row"].to_numpy()


def _rank() -> pl.Expr:
    """Ranks rows by version, and of one version the removal above the row."""
    return 2 * pl.col("version") + pl.col("removed").cast(pl.Int64)
