"""How long it takes to count every row of a campaign, and what it reads: the count a day after its end.

`python -m bench.recount --rows 20000 --a-tick 5000` writes a campaign's rows, puts its counters off by three,
and counts as the tick does. Between two ticks nothing is kept in memory.
"""

import argparse
import asyncio
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import EVERYONE, Campaign, Counts, Message
from crm.campaigns.store import counters
from crm.campaigns.store.campaigns import Campaigns
from crm.delivery.log import LogRow
from crm.delivery.message_ids import message_id
from crm.delivery.row_changes import tallied
from crm.delivery.store import communication_log
from crm.kernel.errors import Unavailable
from crm.platform.firestore.commits import Commit
from crm.supervision.store.counts import FirestoreCounts
from crm.supervision.usecases import continue_recount
from crm.supervision.usecases.continue_recount import ContinueRecount
from crm.supervision.usecases.correct_counters import CorrectCounters
from devstack.emulators import Emulators

NAME = "counted"
COMMIT = 500
OFF = Counts(opened=3)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def _count(rows: int, a_tick: int) -> None:
    project = f"crm-recount-{uuid4().hex[:8]}"
    database = AsyncClient(project=project)
    await Campaigns(database).create(_campaign(rows))
    for start in range(0, rows, COMMIT):
        await _write(database, start, min(start + COMMIT, rows))
    continue_recount.ROWS = a_tick
    begin, longest, ticks, done = time.perf_counter(), 0.0, 0, False
    while not done:
        tick = time.perf_counter()
        fresh = AsyncClient(project=project)
        campaign = await Campaigns(fresh).get(NAME)
        with suppress(Unavailable):  # the emulator scans all rows for each page; the next tick continues
            counts = FirestoreCounts(fresh)
            recount = ContinueRecount(counts=counts, correct=CorrectCounters(counts=counts))
            done = await recount(campaign, NOON + timedelta(minutes=ticks))
        longest, ticks = max(longest, time.perf_counter() - tick), ticks + 1
    taken = time.perf_counter() - begin
    truth = await FirestoreCounts(database).snapshot(campaign)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{rows:,} rows counted in {ticks} ticks: {taken:.1f} s, {rows / taken:,.0f} rows/s, "
        f"the longest tick {longest:.1f} s, {memory:.0f} MB. "
        f"Opened, by the counters afterwards: {truth.total.opened}.\n"
    )


def _campaign(rows: int) -> Campaign:
    return Campaign(
        campaign_id=NAME,
        name=NAME,
        status="finished",
        channel="simulator",
        message=Message(body="Hi"),
        rules={},
        created_at=NOON,
        created_by="bench",
        audience=rows,
        finished_at=NOON,
    )


async def _write(database: AsyncClient, start: int, end: int) -> None:
    made = [_row(number) for number in range(start, end)]
    commit = Commit(database)
    for row in made:
        commit.create(f"{communication_log.COLLECTION}/{row.message_id}", communication_log.encode(row))
    groups = tallied(made)
    if start == 0:
        groups[EVERYONE] += OFF
    counters.add(commit, NAME, 0, groups)
    await commit.send()


def _row(number: int) -> LogRow:
    customer = f"{number:032x}"
    return LogRow(
        message_id=message_id(NAME, customer),
        campaign_id=NAME,
        customer_key=customer,
        chunk_id=f"0000-{number // COMMIT:04d}",
        shard=0,
        channel="simulator",
        status="delivered",
        updated_at=NOON,
        sent_at=NOON,
        cohorts=("regular_spenders",),
    )


@contextmanager
def _database() -> Iterator[None]:
    """The emulator that the environment names, else one of its own."""
    if "FIRESTORE_EMULATOR_HOST" in os.environ:
        yield
        return
    with Emulators.running() as emulators:
        os.environ.update(emulators.environment)
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description="Count every row of a campaign.")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--a-tick", type=int, default=continue_recount.ROWS)
    chosen = parser.parse_args()
    with _database():
        asyncio.run(_count(chosen.rows, chosen.a_tick))


if __name__ == "__main__":
    main()
