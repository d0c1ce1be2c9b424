"""The rules R1 to R4 in other engines, each written as its own documentation would have it.

All get columns of their own kind: tags as a bit mask, dates as instants, text dictionary-coded where the
engine has that. Only PostgreSQL keeps what listmonk keeps: one JSONB document of attributes a subscriber.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.people import NOW, TAGS
from crm.audience.tables import Tables

COUNTRIES = [f"Country {each:02}" for each in (1, 3, 5, 8, 13)]
JOINED = "2024-01-01 00:00:00"
DAYS_90 = f"{NOW - timedelta(days=90):%Y-%m-%d %H:%M:%S}"
DAYS_30 = f"{NOW - timedelta(days=30):%Y-%m-%d %H:%M:%S}"
VIP = 1 << TAGS.index("vip")

Queries = Mapping[str, Callable[[], int]]


class NotInstalled(Exception):
    """Says what is missing."""


def cleaned_up() -> ExitStack:
    """Ends with it what the peers started."""
    return ExitStack()


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


SQL = {
    "R1": "SELECT count(*) FROM customers WHERE total_spend > 100000000 AND visits < 3",
    "R2": "SELECT count(*) FROM customers WHERE (total_spend > 100000000 AND visits < 3)"
    f" OR last_active_at < '{DAYS_90}'",
    "R3": f"SELECT count(*) FROM customers WHERE country IN ({', '.join(map(repr, COUNTRIES))})"
    f" AND ((tags & {VIP}) <> 0 OR (created_at >= '{JOINED}' AND consent)) AND contains_garcia",
    "R4": "SELECT count(*) FROM customers WHERE total_spend BETWEEN 50000000 AND 500000000 AND row IN ("
    "SELECT row FROM orders WHERE category = 'shoes' AND status = 'completed'"
    f" AND placed_at >= '{DAYS_30}' GROUP BY row HAVING count(*) >= 2)",
}
"""`row` is the customer's number."""


def duckdb_table(tables: Tables, stack: ExitStack) -> Queries:
    try:
        import duckdb
    except ImportError:
        raise NotInstalled("duckdb") from None
    base = duckdb.connect()
    stack.callback(base.close)
    for name, file in _parquet(tables, stack).items():
        base.execute(f"CREATE TABLE {name} AS SELECT * FROM '{file}'")

    def count(sql: str) -> Callable[[], int]:
        return lambda: int(base.execute(sql).fetchone()[0])  # type: ignore[index]

    return {
        rule: count(sql.replace("contains_garcia", "contains(email, 'garcia')")) for rule, sql in SQL.items()
    }


def chdb_memory(tables: Tables, stack: ExitStack) -> Queries:
    try:
        from chdb.session import Session
    except ImportError:
        raise NotInstalled("chdb") from None
    session = Session()
    stack.callback(session.close)
    for name, file in _parquet(tables, stack).items():
        session.query(
            f"CREATE TABLE {name} ENGINE = Memory AS SELECT * {_low(name)} FROM file('{file}', Parquet)"
        )

    def count(sql: str) -> Callable[[], int]:
        return lambda: int(str(session.query(sql, "TSV")))

    return {
        rule: count(
            sql.replace("contains_garcia", "position(email, 'garcia') > 0").replace(
                f"(tags & {VIP})", f"bitAnd(tags, {VIP})"
            )
        )
        for rule, sql in SQL.items()
    }


def postgresql_as_listmonk(tables: Tables, stack: ExitStack) -> Queries:
    """Without orders, which listmonk does not know: R4 has no answer there."""
    try:
        import psycopg
    except ImportError:
        raise NotInstalled("psycopg") from None
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [
        Path(shutil.which("initdb") or "/none").parent
    ]
    if not (binaries[-1] / "initdb").exists():
        raise NotInstalled("a PostgreSQL server")
    folder = Path(tempfile.mkdtemp())
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    run = {"user": user, "check": True, "cwd": folder, "stdout": subprocess.DEVNULL}
    subprocess.run([binaries[-1] / "initdb", "-D", folder / "data", "-U", "bench", "-A", "trust"], **run)
    server = subprocess.Popen(
        [
            binaries[-1] / "postgres",
            "-D",
            folder / "data",
            "-k",
            folder,
            "-h",
            "",
            "-c",
            "shared_buffers=1GB",
        ],
        user=user,
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(lambda: (server.terminate(), server.wait()))
    base = _connected(
        lambda: psycopg.connect(host=str(folder), user="bench", dbname="postgres", autocommit=True)
    )
    stack.callback(base.close)
    base.execute("CREATE TABLE subscribers (id int PRIMARY KEY, email text, attribs jsonb)")
    customers, _ = flat(tables)
    with base.cursor().copy("COPY subscribers FROM STDIN") as copy:
        for start in range(0, customers.height, 50_000):
            part = customers.slice(start, 50_000)
            documents = part.select(
                pl.struct(
                    "total_spend", "visits", "last_active_at", "created_at", "country", "consent", "tags"
                ).struct.json_encode()
            ).to_series()
            for line in zip(part["row"], part["email"], documents, strict=True):
                copy.write_row(line)
    base.execute("CREATE INDEX ON subscribers USING gin (attribs)")
    base.execute("VACUUM ANALYZE subscribers")
    r1 = "(attribs->>'total_spend')::bigint > 100000000 AND (attribs->>'visits')::int < 3"
    since = f"(attribs->>'created_at')::timestamp >= '{JOINED}'"
    where = {
        "R1": r1,
        "R2": f"({r1}) OR (attribs->>'last_active_at')::timestamp < '{DAYS_90}'",
        "R3": f"attribs->>'country' IN ({', '.join(map(repr, COUNTRIES))}) AND email LIKE '%garcia%'"
        f" AND ((attribs->>'tags')::int & {VIP} <> 0 OR ({since} AND (attribs->>'consent')::boolean))",
    }

    def count(sql: str) -> Callable[[], int]:
        return lambda: int(base.execute(sql).fetchone()[0])

    return {rule: count(f"SELECT count(*) FROM subscribers WHERE {sql}") for rule, sql in where.items()}


PEERS: Mapping[str, Callable[[Tables, ExitStack], Queries]] = {
    "polars by hand": polars_by_hand,
    "NumPy by hand": numpy_by_hand,
    "ClickHouse embedded (chdb), Memory": chdb_memory,
    "DuckDB, own table": duckdb_table,
    "PostgreSQL, JSONB as listmonk": postgresql_as_listmonk,
}


def _parquet(tables: Tables, stack: ExitStack) -> Mapping[str, Path]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    files = {"customers": folder / "customers.parquet", "orders": folder / "orders.parquet"}
    for frame, file in zip(flat(tables), files.values(), strict=True):
        frame.write_parquet(file)
    return files


def _low(name: str) -> str:
    """ClickHouse's own dictionary coding, and instants in its own type."""
    texts = {"customers": ("country",), "orders": ("category", "status")}[name]
    coded = ", ".join(f"toLowCardinality(assumeNotNull({text})) AS {text}" for text in texts)
    return f"REPLACE ({coded})"


def _connected(connect: Callable[[], Any]) -> Any:
    for _ in range(100):
        try:
            return connect()
        except Exception:  # the server is still starting
            time.sleep(0.1)
    raise NotInstalled("a PostgreSQL server that starts")


def _at(text: str) -> pl.Expr:
    return pl.lit(text).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")


def _micros(series: pl.Series) -> Any:
    return series.to_physical().to_numpy()


def _micro(text: str) -> int:
    return int(np.datetime64(text, "us").astype(np.int64))
