"""The rules R1 to R4 in DuckDB and in ClickHouse, both within this process."""

from collections.abc import Callable
from contextlib import ExitStack

from bench.peer_tables import COUNTRIES, DAYS_30, DAYS_90, JOINED, VIP, NotInstalled, Queries, parquet
from crm.audience.engine.tables import Tables

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
    for name, file in parquet(tables, stack).items():
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
    for name, file in parquet(tables, stack).items():
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


def _low(name: str) -> str:
    """ClickHouse's own dictionary coding, and instants in its own type."""
    texts = {"customers": ("country",), "orders": ("category", "status")}[name]
    coded = ", ".join(f"toLowCardinality(assumeNotNull({text})) AS {text}" for text in texts)
    return f"REPLACE ({coded})"
