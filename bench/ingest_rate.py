"""From a post to persisted, against the raw limit: `python -m bench.ingest_rate`

Records go through HTTP, the Pub/Sub emulator and the consumer process of an empty stack; a run ends when the
last one is in Firestore. The raw limit is taken in the same run, on the documents that came out.
"""

import asyncio
import os
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from pydantic_core import to_json

from bench import raw_limit
from bench.counting import Asked
from bench.posting import post, request
from bench.profiles import table
from bench.stack import Stack, running
from crm.customers.store import customers, orders
from crm.kernel.batches import batched
from crm.platform.firestore import documents
from crm.sample import generate

TODAY: Final = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is posted: of a kind, so many in a request, over so many connections."""

    kind: str
    each: int
    connections: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.each:,} in a request over {self.connections} connections"


KINDS: Final = (Kind("customers", 1000, 2), Kind("orders", 1000, 2), Kind("customers", 1, 64))


def main(
    batched: Annotated[int, typer.Option(help="Records of a run, posted in batches.")] = 20_000,
    single: Annotated[int, typer.Option(help="Records of a run, posted one by one.")] = 5_000,
    runs: Annotated[int, typer.Option(help="Runs of each kind.")] = 3,
    profile: Annotated[bool, typer.Option(help="Say where processor time goes.")] = False,
) -> None:
    """Measure, and print a table."""
    ratios: dict[str, list[float]] = {}
    used = Counter[str]()
    with running(("ingest", "consumer"), profiled=profile) as stack:
        _run(stack, KINDS[0], 1000, "warm")
        before = stack.profile()
        for run in range(runs):
            for kind in KINDS:
                ratio, processor = _run(stack, kind, batched if kind.each > 1 else single, str(run))
                ratios.setdefault(str(kind), []).append(ratio)
                used.update(processor)
        if profile:
            time.sleep(2)  # the figures are some seconds old
            print(table(used, before, stack.profile()))
        memory = stack.memory()
    for name, each in ratios.items():
        print(f"{name}: median {statistics.median(each):.0%} of the raw limit")
    for name, (now, most) in memory.items():
        print(f"{name}: {now:.0f} MB, {most:.0f} MB at most")


def _run(stack: Stack, kind: Kind, size: int, mark: str) -> tuple[float, dict[str, float]]:
    """The share of the raw limit, and the seconds of processor time of each process."""
    records = list(_records(kind, size, mark))
    before, spent, aside = stack.asked(), stack.processor(), stack.others()
    begin = time.perf_counter()
    taken = asyncio.run(post_all(stack, kind, records))
    paths = _paths(records)
    end = stack.until_written("consumer", before["consumer"].writes, len(paths))
    disturbed = (stack.others() - aside) / (time.perf_counter() - begin)
    used = {child: seconds - spent[child] for child, seconds in stack.processor().items()}
    costs = sum((now - before[of] for of, now in stack.asked().items()), Asked())
    documents = asyncio.run(_documents(stack, paths))
    work = -stack.raw_processor()
    limit = raw_limit.seconds(documents)
    work += stack.raw_processor()
    print(
        f"{kind}: {size / (end - begin):,.0f} records/s persisted, {size / (taken - begin):,.0f}/s taken; "
        f"raw {size / limit:,.0f}/s, so {limit / (end - begin):.0%}. "
        f"A record: {costs.writes / size:.2f} documents written, {costs.reads / size:.2f} read, "
        f"{costs.calls / size:.4f} calls; {size / costs.messages:.0f} records a message. Processor "
        + ", ".join(f"{child} {seconds:.1f}" for child, seconds in used.items() if seconds > 0.05)
        + f" s, raw {work:.1f}; others {disturbed:.1f} of {os.cpu_count()} processors",
        flush=True,
    )
    return limit / (end - begin), used


def _records(kind: Kind, size: int, mark: str) -> Iterator[dict[str, Any]]:
    """Records of this run alone."""
    made = generate.customers(size, TODAY) if kind.kind == "customers" else generate.orders(size, size, TODAY)
    for record in made:
        for name in ("customer_id", "order_id"):
            if name in record:
                record[name] = f"{record[name]}-{kind.kind}-{kind.each}-{mark}"
        yield record


async def post_all(stack: Stack, kind: Kind, records: Sequence[Any]) -> float:
    """When all were answered with 202."""
    url = f"{stack.ports.function('ingest')}/api/v1/ingest/{kind.kind}" + ("/batch" if kind.each > 1 else "")
    bodies = [
        to_json({"records": part} if kind.each > 1 else part[0]) for part in batched(records, kind.each)
    ]
    ready = [request(url, {"Authorization": f"Bearer {stack.api_key}"}, body) for body in bodies]
    statuses = await post(url, ready, kind.connections)
    assert statuses == {202: len(bodies)}, statuses
    return time.perf_counter()


def _paths(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """The documents that these records make."""
    people = {customers.path_of(each["customer_id"]) for each in records}
    bought = {orders.path_of(each["order_id"]) for each in records if "order_id" in each}
    return [*people, *bought]


async def _documents(stack: Stack, paths: Sequence[str]) -> raw_limit.Documents:
    """What is stored. Fails where a document is missing."""
    found: dict[str, documents.Stored] = {}
    for batch in batched(paths, raw_limit.BATCH):
        found |= await documents.get_many(stack.database(), batch)
    assert len(found) == len(paths), f"{len(paths) - len(found)} documents are missing"
    return [(path, stored.fields) for path, stored in found.items()]


if __name__ == "__main__":
    typer.run(main)
