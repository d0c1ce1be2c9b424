"""What the audience costs at rest: a cold start, growth, a compaction. `python -m bench.audience_store`

It starts emulators of its own. The projection is written into Firestore directly, without customers and
orders, but for one smaller base that goes through the consumer's use case and must come out the same.
Processes that answer are new ones, their byte code compiled as in a deployment.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import polars as pl
import typer
from google.cloud.firestore import AsyncClient

from bench.chart import chart
from bench.people import people
from bench.store_loading import change, load_directly, load_through_consumer, without_versions
from crm.audience.engine.tables import Tables
from crm.audience.projection.compare import differences
from crm.audience.store.audience import FirestoreAudience
from crm.audience.store.blocks import AudienceBlocks
from crm.audience.store.source import FirestoreSource
from crm.audience.usecases.compact import Compact
from crm.audience.usecases.verify import Verify
from crm.customers.customer_key import use_secret
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit
from crm.platform.google_errors import TIMEOUT
from devstack.emulators import Emulators

PLOT: Final = Path(__file__).resolve().parent.parent / "docs" / "audience-store.svg"
SHARE: Final = 0.01
"""Of the customers, changed before the compaction that is measured."""


@dataclass(slots=True)
class Costs:
    """Documents read and written."""

    reads: int = 0
    writes: int = 0


def main(
    sizes: Annotated[str, typer.Option(help="Customers, separated by commas.")] = "10000,100000,1000000",
    consumer: Annotated[int, typer.Option(help="Customers that go through the consumer.")] = 100_000,
    runs: Annotated[int, typer.Option(help="Cold starts of each size.")] = 5,
) -> None:
    """Measure, print a table, and draw the plot."""
    os.environ.setdefault("CRM_FIRESTORE_MEMORY", "6g")
    use_secret("a secret for measurements")
    measured: dict[int, dict[str, float]] = {}
    with Emulators.running() as emulators, tempfile.TemporaryDirectory() as compiled:
        os.environ.update(emulators.environment)
        for size in map(int, filter(None, sizes.split(","))):
            measured[size] = _size(size, runs, compiled)
        if len(measured) > 1:  # one size shows no growth
            PLOT.write_text(_plot(measured), encoding="utf-8")
        if consumer:
            asyncio.run(_through_consumer(consumer))


def _size(size: int, runs: int, compiled: str) -> dict[str, float]:
    """Load so many customers, start processes, change a share, compact."""
    project = f"crm-bench-{size}"
    tables = people(size)
    stored = asyncio.run(_load(project, tables))
    starts = [_cold(project, compiled) for _ in range(runs + 1)][1:]  # the first compiles
    found = {name: statistics.median(start[name] for start in starts) for name in starts[0]}
    print(f"\n{size:,} customers, {3 * size:,} orders, written directly: {stored}")
    print(
        f"cold start, median of {runs}: {found['wall']:.2f} s from the start of the process to its answer "
        f"(imports {found['imports']:.2f}, load {found['load']:.2f}, count {found['count']:.3f}; "
        f"processor time {found['cpu']:.2f}); {found['resident_mb']:.0f} MB resident, "
        f"{found['peak_mb']:.0f} MB at most; the next read {found['warm_read'] * 1000:.1f} ms"
    )
    asyncio.run(_compaction(project, tables))
    return found


async def _load(project: str, tables: Tables) -> str:
    manifest = await load_directly(AsyncClient(project=project), tables)
    largest = max(piece.size for block in manifest.blocks for piece in block)
    return (
        f"{len(manifest.blocks)} partitions in {len(manifest.names)} documents, "
        f"{manifest.size / 1e6:.1f} MB, the largest {largest / 1e3:.0f} kB"
    )


def _cold(project: str, compiled: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "bench.first_answer", project], stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        wall = time.perf_counter() - begin
    return {"wall": wall, **json.loads(line)}


async def _compaction(project: str, tables: Tables) -> None:
    database = AsyncClient(project=project)
    changed = await change(database, tables, SHARE)
    await asyncio.sleep(0.1)  # so that the log is settled
    with _counted() as costs:
        begin = time.perf_counter()
        done = await Compact(store=FirestoreAudience(database, settled=timedelta(0)))()
        seconds = time.perf_counter() - begin
    assert done is not None
    print(
        f"compaction of {changed:,} changed customers with a new order each: {seconds:.1f} s, "
        f"{done.partitions} partitions, {costs.reads} documents read, {costs.writes} written or deleted"
    )


async def _through_consumer(size: int) -> None:
    database = AsyncClient(project="crm-bench-consumer")
    whole = people(size)
    nobody = pl.lit(None, pl.String)
    # A record cannot suppress anybody: that is what unsubscribing and bouncing do.
    tables = Tables(whole.customers.with_columns(**{"suppressions.email": nobody}), whole.orders)
    begin = time.perf_counter()
    await load_through_consumer(database, tables)
    loaded = time.perf_counter()
    store = FirestoreAudience(database, settled=timedelta(0))
    while (done := await Compact(store=store)()) is not None and done.documents:
        pass
    folded = time.perf_counter()
    wrong = await Verify(projection=store, truth=FirestoreSource(database))()
    other = list(differences(without_versions(await store.tables()), without_versions(tables)))
    print(
        f"\n{size:,} customers, {tables.orders.height:,} orders through the consumer's use case: "
        f"{loaded - begin:.0f} s, folded in {folded - loaded:.0f} s, "
        f"verified in {time.perf_counter() - folded:.0f} s: "
        f"{len(wrong)} differences from the collections, {len(other)} from what is written directly"
    )
    for each in (*wrong[:5], *other[:5]):
        print(f"  {each.kind} {each.id}: {each.what}")


@contextmanager
def _counted() -> Iterator[Costs]:
    """Counts documents while the block runs."""
    costs = Costs()
    read, query, count, send = documents.get_many, documents.query, documents.count, Commit.send
    fetched = AudienceBlocks._fetched

    async def reading(client: AsyncClient, paths: Any, fields: Any = ()) -> Any:
        costs.reads += len(paths)
        return await read(client, paths, fields)

    async def asking(client: AsyncClient, wanted: Any, seconds: float = TIMEOUT) -> Any:
        found = await query(client, wanted, seconds)
        costs.reads += max(1, len(found.documents))
        return found

    async def counting(client: AsyncClient, wanted: Any) -> int:
        costs.reads += 1
        return await count(client, wanted)

    async def sending(self: Commit) -> Any:
        costs.writes += len(self)
        return await send(self)

    def fetching(self: AudienceBlocks, pieces: Any) -> Any:
        costs.reads += len(pieces)
        return fetched(self, pieces)

    documents.get_many, documents.query, documents.count = reading, asking, counting
    Commit.send, AudienceBlocks._fetched = sending, fetching  # type: ignore[method-assign]
    try:
        yield costs
    finally:
        documents.get_many, documents.query, documents.count = read, query, count
        Commit.send, AudienceBlocks._fetched = send, fetched  # type: ignore[method-assign]


def _plot(measured: dict[int, dict[str, float]]) -> str:
    def line(name: str) -> list[tuple[float, float]]:
        return [(size, found[name]) for size, found in measured.items()]

    return chart(
        {
            "Cold start to the first answer, seconds": {
                "from the start of the process": line("wall"),
                "of it, reading and laying out": line("load"),
            },
            "Memory, MB": {"resident after the answer": line("resident_mb"), "at most": line("peak_mb")},
        }
    )


if __name__ == "__main__":
    typer.run(main)
