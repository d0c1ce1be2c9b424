"""A large file through the web app's API: `python -m bench.import_rate`

A file of customers, in Windows-1252 and parted by semicolons as Excel writes it, is tried out, imported, and
tried out again over HTTP on an otherwise empty stack. Says how long each took, in how many calls, and when
the last row was stored.
"""

import asyncio
import csv
import io
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import uuid4

import httpx2
import typer
from google.cloud.firestore import AsyncClient

from bench.stack import Stack, running
from crm.customers.store import customers
from crm.platform.firestore import documents
from crm.sample import generate

TODAY: Final = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS: Final = ("customer_id", "name", "email", "phone", "city", "country", "visits", "created_at")
LIMIT: Final = 300.0
"""Seconds after which what is not stored will never be."""


def main(rows: Annotated[int, typer.Option(help="Rows of the file.")] = 100_000) -> None:
    """Measure, and print a table."""
    data = file_of(rows)
    print(f"{rows:,} rows, {len(data) / 1e6:.1f} MB")
    print(f"{'':24} {'seconds':>8} {'calls':>6} {'longest':>8} {'rows/s':>8} {'processor s':>12} {'MB':>6}")
    with running(("campaigns", "consumer")) as stack:
        timed(stack, "warm", file_of(100), dry_run=True)
        timed(stack, "tried out, all new", data, dry_run=True)
        begun = time.perf_counter()
        timed(stack, "imported", data, dry_run=False)
        stack.on_database(stored, rows)
        print(f"stored after {time.perf_counter() - begun:.1f} s")
        timed(stack, "tried out, none new", data, dry_run=True)


def file_of(rows: int) -> bytes:
    """A file with so many customers."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(COLUMNS)
    for each in generate.customers(rows, TODAY, "B-"):
        writer.writerow(each.get(column, "") for column in COLUMNS)
    return text.getvalue().encode("cp1252", "replace")


def timed(stack: Stack, name: str, data: bytes, *, dry_run: bool) -> None:
    """Import the file as the web app does, call by call until it is done, and print what that took."""
    used = stack.processor()["campaigns"]
    import_id = str(uuid4())
    calls = []
    headers = stack.session_headers("owner@example.com")
    begun = time.perf_counter()
    with httpx2.Client(base_url=stack.ports.function("campaigns"), timeout=120, trust_env=False) as http:
        state: Mapping[str, Any] = {"state": "checking"}
        while state["state"] != "done":
            at = time.perf_counter()
            answer = http.post(
                "/api/v1/imports",
                params={"dry_run": str(dry_run).lower()},
                files={"file": ("customers.csv", data, "text/csv")},
                data={
                    "kind": "customers",
                    "import_id": import_id,
                    "mapping": json.dumps({column: column for column in COLUMNS}),
                },
                headers=headers,
            )
            state = answer.raise_for_status().json()
            calls.append(time.perf_counter() - at)
    seconds = time.perf_counter() - begun
    used = stack.processor()["campaigns"] - used
    memory = stack.memory()["campaigns"][1]
    print(
        f"{name:24} {seconds:8.1f} {len(calls):6} {max(calls):8.1f} {state['rows'] / seconds:8,.0f} "
        f"{used:12.1f} {memory:6,.0f}"
    )


async def stored(database: AsyncClient, rows: int) -> None:
    """Wait until all are stored. Raises TimeoutError."""
    begun = time.perf_counter()
    while (
        await documents.count(database, database.collection(customers.COLLECTION).order_by("__name__")) < rows
    ):
        if time.perf_counter() - begun > LIMIT:
            raise TimeoutError("Not all rows were stored.")
        await asyncio.sleep(1)


if __name__ == "__main__":
    typer.run(main)
