"""The rules R1 to R4 in other engines, each written as its own documentation would have it.

All get columns of their own kind: tags as a bit mask, dates as instants, text dictionary-coded where the
engine has that. Only PostgreSQL keeps what listmonk keeps.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

import numpy as np
import polars as pl

from bench.peer_tables import COUNTRIES, DAYS_30, DAYS_90, JOINED, VIP, Queries, flat
from bench.postgresql_peer import postgresql_as_listmonk
from bench.sql_peers import chdb_memory, duckdb_table
from crm.audience.engine.tables import Tables


def polars_by_hand(tables: Tables, _: ExitStack) -> Queries:
    customers, orders = flat(tables)
    frame = (
        customers.with_columns(pl.col("country").cast(pl.Categorical), pl.col("visits").cast(pl.Int32))
        .rechunk()
        .lazy()
    )
    bought = orders.with_columns(pl.col("category", "status").cast(pl.Categorical)).rechunk().lazy()
    r1 = (pl.col("total_spend") > 100_000_000) & (pl.col("visits") < 3)
    lower = frame.with_columns(pl.col("email").str.to_lowercase()).collect().lazy()
    r3 = (
        pl.col("country").is_in(COUNTRIES)
        & ((pl.col("tags") & VIP != 0) | ((pl.col("created_at") >= _at(JOINED)) & pl.col("consent")))
        & pl.col("email").str.contains("garcia", literal=True)
    )
    twice = (
        bought.filter(
            (pl.col("category") == "shoes")
            & (pl.col("status") == "completed")
            & (pl.col("placed_at") >= _at(DAYS_30))
        )
        .group_by("row")
        .len()
        .filter(pl.col("len") >= 2)
    )

    def count(query: pl.LazyFrame) -> Callable[[], int]:
        return lambda: int(query.select(pl.len()).collect().item())

    spent = pl.col("total_spend").is_between(50_000_000, 500_000_000)
    return {
        "R1": count(frame.filter(r1)),
        "R2": count(frame.filter(r1 | (pl.col("last_active_at") < _at(DAYS_90)))),
        "R3": count(lower.filter(r3)),
        "R4": count(frame.filter(spent).join(twice, on="row", how="semi")),
    }


def numpy_by_hand(tables: Tables, _: ExitStack) -> Queries:
    customers, orders = flat(tables)
    spend = customers["total_spend"].to_numpy()
    visits = customers["visits"].to_numpy().astype(np.int32)
    active, created = (_micros(customers[name]) for name in ("last_active_at", "created_at"))
    consent, tags = customers["consent"].to_numpy(), customers["tags"].to_numpy()
    country = customers["country"].cast(pl.Enum(customers["country"].unique().sort()))
    codes = country.to_physical().to_numpy()
    wanted = np.isin(country.dtype.categories.to_numpy(), COUNTRIES)  # type: ignore[attr-defined]
    email = customers["email"].fill_null("").str.to_lowercase().to_numpy().astype("S")
    orders = orders.sort("category", "placed_at")
    starts = dict(orders.with_row_index().group_by("category").agg(pl.col("index").min()).iter_rows())
    ends = dict(orders.with_row_index().group_by("category").agg(pl.col("index").max() + 1).iter_rows())
    placed, row = _micros(orders["placed_at"]), orders["row"].to_numpy()
    completed = (orders["status"] == "completed").to_numpy()

    def r1() -> Any:
        return (spend > 100_000_000) & (visits < 3)

    def r3() -> int:
        others = wanted[codes] & ((tags & VIP != 0) | ((created >= _micro(JOINED)) & consent))
        return int(np.count_nonzero(np.strings.find(email[others], b"garcia") >= 0))

    def r4() -> int:
        shoes = slice(starts["shoes"], ends["shoes"])
        since = shoes.start + np.searchsorted(placed[shoes], _micro(DAYS_30))
        bought = row[since : shoes.stop][completed[since : shoes.stop]]
        counts = np.bincount(bought, minlength=len(spend))
        return int(np.count_nonzero((counts >= 2) & (spend >= 50_000_000) & (spend <= 500_000_000)))

    return {
        "R1": lambda: int(np.count_nonzero(r1())),
        "R2": lambda: int(np.count_nonzero(r1() | (active < _micro(DAYS_90)))),
        "R3": r3,
        "R4": r4,
    }


PEERS: Mapping[str, Callable[[Tables, ExitStack], Queries]] = {
    "polars by hand": polars_by_hand,
    "NumPy by hand": numpy_by_hand,
    "ClickHouse embedded (chdb), Memory": chdb_memory,
    "DuckDB, own table": duckdb_table,
    "PostgreSQL, JSONB as listmonk": postgresql_as_listmonk,
}


def _at(text: str) -> pl.Expr:
    return pl.lit(text).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")


def _micros(series: pl.Series) -> Any:
    return series.to_physical().to_numpy()


def _micro(text: str) -> int:
    return int(np.datetime64(text, "us").astype(np.int64))
