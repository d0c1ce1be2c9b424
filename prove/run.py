"""A run from its stage to its table."""

import asyncio
import importlib
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from crm.config import VendorSettings, load
from devstack import signals
from devstack.errors import StackError
from devstack.paths import ROOT
from prove import commands, settings
from prove.books import Books, Entry
from prove.callers import Marketer, Refused, Systems
from prove.judging import Sent, Verdict, judge, judge_records
from prove.post import Manners, Post
from prove.scenario import Course
from prove.shuffle import Shuffle
from prove.stage import Stage, staged
from prove.table import Report
from prove.trouble import Trouble, beside, watched

QUIET = 3.0
"""Seconds without a push after which no retry is to come: the broker tries each second."""

JUDGING = 120.0
"""Seconds to read and compare everything once it is over."""

_MARKETER = "marketer@example.com"

_NOT_AT_REST = {"unmatched_receipts": "receipts wait for their row", "dead_letters": "dead letters are kept"}
"""Collections that have to be empty."""


Act = Callable[[Course], Awaitable[None]]


async def _performed(stage: Stage, act: Act, seed: int, seconds: float) -> Report:
    """Everything between a ready stage and its table. Raises StackError, Refused, TimeoutError."""
    began = time.monotonic()
    webhook = f"{stage.ports.function('receipts')}/api/v1/receipts"
    shuffle = Shuffle(webhook, stage.secrets.webhook, seed, often=0.01)
    post = Post(stage.post.functions["deliver"], stage.ports, shuffle, seed, Manners())
    trouble = Trouble(stage, seed)
    draw = random.Random(f"story {seed}")
    systems = Systems(stage.ports.url, stage.api_key, draw)
    async with AsyncExitStack() as running:
        await running.enter_async_context(post.open())
        await running.enter_async_context(watched(stage))
        marketer = await running.enter_async_context(Marketer.signed_in(stage.ports.url, _MARKETER))
        course = Course(stage, post, trouble, systems, marketer, seed, draw)
        async with beside(course.read_on()):
            await _played(course, act, seconds)
        async with asyncio.timeout(JUDGING):
            verdict = await _judged(course, stage, seed)
    kills = [*stage.faults.kills(), *trouble.kills]
    return Report(
        seed=seed,
        seconds=time.monotonic() - began,
        verdict=verdict,
        kills=kills,
        frozen=trouble.frozen,
        seen=stage.faults.seen(),
        post=post.counts,
        receipts=shuffle.counts,
        deliveries=shuffle.deliveries,
        records=systems.counts,
        readings=course.readings,
        replaced=course.replaced,
        broken=course.broken,
    )


async def _played(course: Course, act: Act, seconds: float) -> None:
    """The act, and then peace. What does not come to rest in time is broken, and says where it stands."""
    try:
        async with asyncio.timeout(seconds):
            await act(course)
            course.stage.faults.disarm()
            await course.post.quiet(QUIET)
            course.say("nothing is on its way any more")
    except TimeoutError:
        course.stage.faults.disarm()
        deaf = await asyncio.to_thread(course.stage.functions.deaf)
        course.broken.append(
            f"It did not come to rest within {seconds:.0f} s. Functions that do not answer: "
            f"{', '.join(deaf) or 'none'}."
        )
        for campaign in course.campaigns:
            found = await course.marketer.campaign(campaign.campaign_id)
            course.broken.append(f"{campaign.name} is {found['status']}: {found['stats']}")


def perform(act: Act, folder: Path, seed: int, seconds: float) -> Report:
    """Play an act on a stage of its own, within `seconds`. Raises StackError. Nothing is left running."""
    signals.raise_on_request()
    with staged(folder, seed) as stage:
        try:
            return signals.run_until_request(_performed(stage, act, seed, seconds))
        except* TimeoutError as late:
            raise StackError(f"What is at rest could not be read within {JUDGING:.0f} seconds.") from late
        except* (StackError, Refused) as group:
            raise StackError("; ".join(_told(group))) from group


def _told(error: BaseException) -> Iterator[str]:
    """What the errors of a group say, however it is nested."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _told(each)
    else:
        yield str(error)


async def _judged(course: Course, stage: Stage, seed: int) -> Verdict:
    books, verdict = Books(), Verdict()
    vendor, rows = await books.vendor(), await books.rows()
    events = _carrier(seed)
    told = course.systems.truth.customers
    for campaign in course.campaigns:
        found = await course.marketer.campaign(campaign.campaign_id)
        sent = Sent(
            ledger=await books.ledger(campaign.campaign_id, rows),
            addresses={name: told[name]["email"] for name in course.customers(campaign.group)},
            withdrew=course.withdrew,
            stats=found["stats"],
        )
        judge(verdict, sent, vendor, events)
    judge_records(verdict, course.systems.truth, await books.customers(), await books.orders())
    asked = [commands.audit(stage.folder, each.campaign_id, each.name) for each in course.campaigns]
    for said in await asyncio.gather(*asked, commands.verify_audience(stage.folder)):
        course.broken += said
    for collection, what in _NOT_AT_REST.items():
        left = await books.count(collection)
        if left:
            course.broken.append(f"{left} {what}")
    return verdict


def _carrier(seed: int) -> Callable[[Entry], frozenset[str]]:
    """What the simulated vendor has every message come to: its id decides."""
    sys.path.append(str(ROOT / "functions" / "vendor"))
    outcomes: Any = importlib.import_module("vendor_sim.outcomes")
    knobs = settings.knobs(seed, "")["vendor"]
    wired = {"CRM_PROJECT": "-", "CRM_VENDOR_KEY": "-", "CRM_WEBHOOK_SECRET": "-"}
    vendor = load(VendorSettings, {**wired, **knobs})

    def events(entry: Entry) -> frozenset[str]:
        return frozenset(report.event for report in outcomes.reports(vendor, entry.message_id, entry.at))

    return events
