"""What every other engine is given of the invented customers, and the values that rules R1 to R4 name."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from bench.people import NOW, TAGS
from crm.audience.engine.tables import Tables

COUNTRIES = [f"Country {each:02}" for each in (1, 3, 5, 8, 13)]
JOINED = "2024-01-01 00:00:00"
DAYS_90 = f"{NOW - timedelta(days=90):%Y-%m-%d %H:%M:%S}"
DAYS_30 = f"{NOW - timedelta(days=30):%Y-%m-%d %H:%M:%S}"
VIP = 1 << TAGS.index("vip")

Queries = Mapping[str, Callable[[], int]]
"""By rule, what counts its members."""


class NotInstalled(Exception):
    """Says what is missing."""


def flat(tables: Tables) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Customers with `tags` as a bit mask, and orders with the customer's `row`."""
    masks = tables.customers.select(
        pl.col("tags")
        .list.eval(pl.element().replace_strict(TAGS, [1 << at for at in range(len(TAGS))]))
        .list.sum()
        .fill_null(0)
        .cast(pl.UInt32)
    )
    names = [
        "customer_id",
        "email",
        "country",
        "created_at",
        "visits",
        "last_active_at",
        "consent",
        "total_spend",
    ]
    customers = tables.customers.select(*names, tags=masks["tags"]).with_row_index("row")
    orders = tables.orders.join(customers.select("row", "customer_id"), on="customer_id").select(
        "row", "category", "status", "placed_at"
    )
    instants = pl.selectors.datetime().dt.replace_time_zone(None)
    return customers.with_columns(instants), orders.with_columns(instants)


def parquet(tables: Tables, stack: ExitStack) -> Mapping[str, Path]:
    folder = Path(stack.enter_context(TemporaryDirectory()))
    files = {"customers": folder / "customers.parquet", "orders": folder / "orders.parquet"}
    for frame, file in zip(flat(tables), files.values(), strict=True):
        frame.write_parquet(file)
    return files
