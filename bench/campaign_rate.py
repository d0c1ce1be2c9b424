"""From launch to all receipts applied, against the raw limit: `python -m bench.campaign_rate`

Campaigns of several sizes go through the real processes of a stack, with the simulated vendor reporting on
each message immediately. The raw limit of a campaign is two batched writes a recipient: a row made, a row
moved.
"""

import asyncio
import os
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import httpx2
import typer
from google.cloud.firestore import AsyncClient, FieldFilter

from bench import raw_limit
from bench.counting import Asked
from bench.profiles import table
from bench.stack import Stack, running
from crm.audience.store.audience import FirestoreAudience
from crm.audience.usecases.compact import Compact
from crm.campaigns.campaign import EVERYONE, Campaign, Stats
from crm.campaigns.store.campaigns import Campaigns
from crm.campaigns.store.counters import Counters
from crm.customers.records import CustomerRecord
from crm.customers.store.records import FirestoreRecords
from crm.customers.usecases.persist import PersistRecords
from crm.delivery.log import LogRow
from crm.delivery.store import communication_log
from crm.platform.jitter import pause
from crm.sample import generate

TODAY: Final = datetime(2026, 3, 1, tzinfo=UTC)
FUNCTIONS: Final = ("campaigns", "deliver", "receipts", "vendor")
OURS: Final = ("campaigns", "deliver", "receipts")
"""The functions whose documents and messages count: the vendor's ledger are not the CRM's."""

KNOBS: Final = {"CRM_RECEIPT_DELAY": "0"}
COMMIT: Final = 1000
PATIENCE: Final = 120.0
"""Seconds without progress, after which a campaign is stuck."""

READING: Final = 300.0
"""Seconds that reading rows of a large campaign may take."""

CLOSING: Final = 300.0
"""Seconds that the tick has to count a campaign's rows and close it: for each status the emulator looks
through all of them."""

SAMPLE: Final = 20_000
"""Rows that the raw limit is taken on, at most."""

MESSAGE: Final = {
    "subject": "Come back",
    "body": "Hi {{ customer.name | default: 'there' }}, 10 % off today.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of one campaign: seconds until the last receipt was applied, and the raw limit's seconds.

    `processor` and `work` are seconds of processor time, of each process until then and of the raw limit;
    `others` is how many processors were busy with something else.
    """

    name: str
    size: int
    seconds: float
    limit: float
    asked: dict[str, Asked]
    processor: dict[str, float]
    work: float
    others: float

    @property
    def rate(self) -> float:
        return self.size / self.seconds

    @property
    def ratio(self) -> float:
        return self.limit / self.seconds

    def __str__(self) -> str:
        ours = sum((self.asked[name] for name in OURS), Asked())
        return (
            f"{self.size:,} recipients: {self.seconds:.1f} s, {self.rate:,.0f}/s; "
            f"raw {self.size / self.limit:,.0f}/s, so {self.ratio:.0%}. A recipient: "
            f"{ours.writes / self.size:.3f} documents written, {ours.reads / self.size:.3f} read, "
            f"{ours.calls / self.size:.4f} calls, {ours.messages / self.size:.4f} messages. Processor "
            + ", ".join(f"{name} {used:.1f}" for name, used in self.processor.items() if used > 0.05)
            + f" s, raw {self.work:.1f}; others {self.others:.1f} of {os.cpu_count()} processors"
        )


def main(
    sizes: Annotated[str, typer.Option(help="Recipients, separated by commas.")] = "1000,10000",
    runs: Annotated[int, typer.Option(help="Campaigns of each size.")] = 3,
    profile: Annotated[bool, typer.Option(help="Say where processor time goes.")] = False,
) -> None:
    """Measure, and print a line for each campaign, the medians, and the memory."""
    counts = [int(each) for each in sizes.split(",")]
    found: dict[int, list[Found]] = {size: [] for size in counts}
    used = Counter[str]()
    with running(FUNCTIONS, KNOBS, profiled=profile) as stack:
        stack.on_database(load, max(counts))
        with marketer(stack) as api:
            campaign(stack, api, min(counts))  # what a first request costs is another figure
            before = stack.profile()
            for size in [size for _ in range(runs) for size in counts]:
                each = campaign(stack, api, size)
                print(each, flush=True)
                found[size].append(each)
                used.update(each.processor)
        if profile:
            time.sleep(2)  # the figures are some seconds old
            print(table(used, before, stack.profile()))
        memory = stack.memory()
    for size, all_runs in found.items():
        rate = statistics.median(each.rate for each in all_runs)
        ratio = statistics.median(each.ratio for each in all_runs)
        print(f"{size:,} recipients: median {rate:,.0f}/s, {ratio:.0%} of the raw limit")
    for name, (now, most) in memory.items():
        print(f"{name}: {now:.0f} MB, {most:.0f} MB at most")


async def load(database: AsyncClient, size: int) -> None:
    """Customers who all can be reached, numbered by the attribute `number`, folded into blocks."""
    store = FirestoreRecords(database)
    made = [CustomerRecord.model_validate(record) for record in records(size)]
    for start in range(0, size, COMMIT):
        await PersistRecords(records=store, pause=pause)(made[start : start + COMMIT])
    await fold(database)


async def fold(database: AsyncClient) -> None:
    """Fold the change log into blocks, until nothing is left of it."""
    store = FirestoreAudience(database, settled=timedelta(0))
    while (done := await Compact(store=store)()) is not None and done.documents:
        pass


def records(size: int) -> Iterator[dict[str, Any]]:
    """Customers as they are posted, who all can be reached."""
    for number, record in enumerate(generate.customers(size, TODAY)):
        reached = {"email": f"{number}@example.com", "consent": True, "consents": {}}
        record["attributes"]["number"] = number
        yield {**record, **reached, "updated_at": TODAY}


@contextmanager
def marketer(stack: Stack) -> Iterator[httpx2.Client]:
    url = stack.ports.function("campaigns")
    with httpx2.Client(
        base_url=f"{url}/api/v1",
        headers=stack.session_headers("marketer@example.com"),
        limits=httpx2.Limits(max_keepalive_connections=0),
        timeout=60,
    ) as api:
        yield api


def campaign(stack: Stack, api: httpx2.Client, size: int, most: int = SAMPLE) -> Found:
    """Send one to so many; the raw limit is taken on at most `most` of its rows."""
    rules = {
        "combinator": "and",
        "rules": [{"field": "attributes.number", "operator": "<", "value": size}],
    }
    body = {"name": "Bench", "channel": "simulator", "rules": rules, "message": MESSAGE}
    name = api.post("/campaigns", json=body).raise_for_status().json()["id"]
    before, spent, aside = stack.asked(), stack.processor(), stack.others()
    begin = time.perf_counter()
    api.post(f"/campaigns/{name}/launch").raise_for_status()
    launched, applied = stack.on_database(_applied, name)
    assert launched.audience == size, launched.audience
    others = (stack.others() - aside) / (applied - begin)
    processor = {of: used - spent[of] for of, used in stack.processor().items()}
    stack.on_database(_finished, name)
    asked = {of: now - before[of] for of, now in stack.asked().items()}
    rows = stack.on_database(rows_of, name, most)
    work = stack.raw_processor()
    limit = _limit(rows, size)
    work = (stack.raw_processor() - work) * size / len(rows)
    return Found(
        name=name,
        size=size,
        seconds=applied - begin,
        limit=limit,
        asked=asked,
        processor=processor,
        work=work,
        others=others,
    )


async def _applied(database: AsyncClient, name: str) -> tuple[Campaign, float]:
    """The campaign, and when its last receipt was applied."""
    campaigns, counters = Campaigns(database), Counters(database)
    seen, since = -1, time.perf_counter()
    while time.perf_counter() - since < PATIENCE:
        campaign = await campaigns.get(name)
        counts = (await counters.by_group([campaign]))[name][EVERYONE]
        stats = Stats(audience=campaign.audience or 0, counts=counts)
        now = time.perf_counter()
        if campaign.audience and stats.pending == 0 and counts.accepted == 0:
            return campaign, now
        if counts.delivered + counts.failed + counts.accepted != seen:
            seen, since = counts.delivered + counts.failed + counts.accepted, now
        await asyncio.sleep(0.1)
    raise TimeoutError(f"the campaign stands still at {stats.as_json()}")


async def _finished(database: AsyncClient, name: str) -> None:
    """Return once the tick has closed the campaign: then nothing more is read or written for it."""
    deadline = time.perf_counter() + CLOSING
    while (campaign := await Campaigns(database).get(name)).status != "finished":
        if time.perf_counter() > deadline:
            raise TimeoutError(f"the campaign is {campaign.status}")
        await asyncio.sleep(0.2)


async def rows_of(database: AsyncClient, name: str, most: int) -> list[LogRow]:
    """Up to `most` rows of a campaign."""
    rows: Any = database.collection(communication_log.COLLECTION)
    query = rows.where(filter=FieldFilter("campaign_id", "==", name)).limit(most)
    return [communication_log.decode(row.to_dict()) async for row in query.stream(timeout=READING)]


def _limit(rows: Sequence[LogRow], size: int) -> float:
    """Seconds of the raw limit for `size` recipients, from as many as there are of these rows."""
    made = [
        (f"{communication_log.COLLECTION}/{row.message_id}", communication_log.encode(row)) for row in rows
    ]
    moved = [(path, {"status": "delivered", "updated_at": TODAY}) for path, _ in made]
    return raw_limit.seconds(made, moved) * size / len(rows)


if __name__ == "__main__":
    typer.run(main)
