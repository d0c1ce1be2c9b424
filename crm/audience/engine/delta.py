"""Whoever changed since the base was read: the rows told since, and what the base says of those named there.

The base is asked about somebody once, when they are first named. From then on news costs what it and the
delta weigh.
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
    """`told` has all rows since the base was read, as `tables.rows_of` gives them, and `tables` what they
    come to: everybody who is newer than in the base, with all their orders.

    `known` has `customer_id`, `version`, `removed` and `row` of those named in `told` whom the base has.
    `moved` are the rows of the base that no longer count, `held` their orders there, as of `moves.HELD`.
    """

    told: Tables
    tables: Tables
    known: pl.DataFrame
    moved: Rows
    held: pl.DataFrame


def nobody() -> Delta:
    """Nothing was told yet."""
    told = rows_of([])
    return Delta(
        told,
        Tables(told.customers.drop("payload"), told.orders.select(ORDERS.keys())),
        pl.DataFrame(schema=_KNOWN),
        np.zeros(0, np.uint32),
        pl.DataFrame(schema=HELD),
    )


def grown(base: Part, delta: Delta, more: Tables) -> Delta:
    """The delta after more rows were told."""
    told = _together(delta.told, more)
    named = pl.concat([more.customers["customer_id"], more.orders["customer_id"]]).unique()
    new = named.filter(~named.is_in(delta.known["customer_id"].implode()))
    known = pl.concat([delta.known, _known(base, base.places(new))])
    news = (
        told.customers.join(
            known.select("customer_id", before=_rank()), on="customer_id", how="left", maintain_order="left"
        )
        .filter(pl.col("before").is_null() | (_rank() > pl.col("before")))
        .drop("before", "payload")
    )
    alone = told.orders.filter(pl.col("told").is_null())["customer_id"].unique()
    unchanged = _rows(known, alone.filter(~alone.is_in(news["customer_id"].implode())))
    customers = newest([news, base.rows(unchanged)], "customer_id")
    moved = np.union1d(delta.moved, _rows(known, pl.concat([customers["customer_id"], alone]).unique()))
    held = delta.held
    if len(moved) > len(delta.moved):
        here = base.orders_of(np.setdiff1d(moved, delta.moved, assume_unique=True))
        held = pl.concat([held, here.join(known.select("customer_id", told="version"), on="customer_id")])
    orders = orders_after(held, told, known.select("customer_id", "version"))
    mine = orders.join(customers, on="customer_id", how="semi").select(ORDERS.keys())
    return Delta(told, Tables(customers, mine), known, moved, held)


def _together(told: Tables, more: Tables) -> Tables:
    """The rows of earlier payloads and of new ones, whose numbers go on from theirs."""
    highest = [frame["payload"].max() for frame in (told.customers, told.orders)]
    after = max((each for each in highest if isinstance(each, int)), default=-1) + 1
    return Tables(
        pl.concat([told.customers, more.customers.with_columns(pl.col("payload") + after)]),
        pl.concat([told.orders, more.orders.with_columns(pl.col("payload") + after)]),
    )


def _known(base: Part, rows: Rows) -> pl.DataFrame:
    return base.versions(rows).with_columns(row=pl.Series(rows, dtype=pl.UInt32))


def _rows(known: pl.DataFrame, ids: pl.Series) -> Rows:
    return known.filter(pl.col("customer_id").is_in(ids.implode()))["row"].to_numpy()


def _rank() -> pl.Expr:
    """Orders versions, and of one version the removal above the row."""
    return 2 * pl.col("version") + pl.col("removed").cast(pl.Int64)
