"""The rules R1 to R3 in PostgreSQL, which keeps what listmonk keeps: a JSONB of attributes a subscriber."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl

from bench.peer_tables import COUNTRIES, DAYS_90, JOINED, VIP, NotInstalled, Queries, flat
from crm.audience.engine.tables import Tables


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


def _connected(connect: Callable[[], Any]) -> Any:
    for _ in range(100):
        try:
            return connect()
        except Exception:  # the server is still starting
            time.sleep(0.1)
    raise NotInstalled("a PostgreSQL server that starts")
