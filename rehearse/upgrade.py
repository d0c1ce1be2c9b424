"""From one release to the next, back, and forward again, while campaigns are sent and records arrive.

Cloud Run keeps an instance that gets no calls any more for a while, and gives it calls again after a rollback.
So one instance of each version goes through all of it, with what it remembers.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Final

from crm.campaigns.rate_limit import FASTEST
from crm.topology import FUNCTIONS, PUBLISHES, PUSHES
from devstack.errors import StackError
from prove.callers import Marketer, Systems
from prove.comparing import compared
from prove.history import orders
from prove.judging import Verdict
from prove.story import Campaign, Story, rules
from prove.trouble import in_background
from rehearse import logs
from rehearse.fleet import Fleet
from rehearse.stage import KNOBS, Stage
from rehearse.table import Report

QUIET: Final = 3.0
"""Seconds without a push after which none is expected: the broker retries each second."""

OVERLAP: Final = 15.0
"""Seconds within which both versions of a function have to be called, side by side."""

CALLS: Final = 2
"""How often each of them has to be."""

_MARKETER: Final = "marketer@example.com"
_PART = 10
"""Recipients of one call to the vendor, so that a campaign is many calls."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent. `steady` recipients get their messages during all of it, `rate` a minute; one more
    campaign of `brief` recipients begins with each replacement of all functions."""

    steady: int
    brief: int
    rate: int


SHORT: Final = Size(steady=360, brief=60, rate=600)
FULL: Final = Size(steady=1_500, brief=400, rate=1_200)

GROUPS: Final = ("steady", "first", "second", "third")


@dataclass(slots=True, kw_only=True)
class Upgrade(Story):
    """A story on a stage."""

    stage: Stage

    async def overlap(self, function: str, old: str, new: str) -> None:
        """Replace the instance of a function: both are called for a while, then the new one alone. Raises
        StackError where one of the two gets no call."""
        front, fleet = self.stage.front, self.stage.fleet
        before = front.calls(function)
        fleet.serve(function, old, new)
        deadline = time.monotonic() + OVERLAP
        while not all(front.calls(function)[each] - before[each] >= CALLS for each in (old, new)):
            if time.monotonic() > deadline:
                got = front.calls(function) - before
                raise StackError(
                    f"Within {OVERLAP:.0f} s not both versions of {function} were called: {dict(got)}."
                )
            await asyncio.sleep(0.05)
        fleet.serve(function, new)

    async def sent(self, campaign: Campaign) -> int:
        """How many messages of a campaign the vendor has taken so far."""
        return int((await self.marketer.campaign(campaign.campaign_id))["stats"]["sent"])

    async def post_on(self) -> None:
        """Post customers' orders, a few every moment."""
        names = [name for group in GROUPS for name in self.customers(group)]
        for number in range(10_000):
            await self.systems.post("orders", list(orders(self.draw, names, 20, f"O{number}")), 2)
            await asyncio.sleep(0.2)

    async def ask_on(self, campaign: Campaign) -> None:
        """Ask for summaries and previews, as people who watch a campaign do."""
        while True:
            await self.marketer.ask("POST", "/ai/summaries", {"campaign_id": campaign.campaign_id})
            await self.marketer.ask("POST", "/audience/preview", {"rules": rules(campaign.group)})
            await asyncio.sleep(0.3)


def order_of_replacement() -> tuple[str, ...]:
    """Every function, whoever takes messages before whoever publishes them."""
    takes = {push.topic: push.function for push in PUSHES}
    needs = {name: {takes[topic] for topic in PUBLISHES[name] if takes[topic] != name} for name in FUNCTIONS}
    return tuple(TopologicalSorter(needs).static_order())


async def rehearse_upgrade(stage: Stage, report: Report, old: str, new: str, size: Size) -> None:
    """Play it on a ready stage where the old version is called. Raises StackError, Refused, TimeoutError."""
    async with telling(stage) as story:
        with report.checking("records", "customers are in the audience") as line:
            counts = dict.fromkeys(GROUPS, size.brief) | {"steady": size.steady}
            await asyncio.gather(*(story.populate(group, count) for group, count in counts.items()))
            for group in GROUPS:
                await story.known(group)
            line.judge(f"{sum(counts.values()):,} customers")
        steady = await story.launch("steady", rate=_PART)
        await story.marketer.until(steady.campaign_id, "sending")
        await story.marketer.ask("POST", f"/campaigns/{steady.campaign_id}/rate", {"rate": size.rate})
        async with watched(stage.fleet), in_background(story.read_on()), in_background(story.ask_on(steady)):
            async with in_background(story.post_on()):
                passes = (
                    ("upgrade", old, new, "first"),
                    ("rollback", new, old, "second"),
                    ("upgrade again", old, new, "third"),
                )
                for name, before, after, group in passes:
                    await _replace_all(story, report, name, (before, after), steady, group)
            await _finish(story, report, steady)
        await _judge(story, report)
    judge_calls(stage, report, (old, new))


async def _replace_all(
    story: Upgrade, report: Report, name: str, versions: tuple[str, str], steady: Campaign, group: str
) -> None:
    before, after = versions
    order = order_of_replacement()
    with report.checking(name, f"{before} → {after}, both called for a while, function by function") as line:
        began = await story.sent(steady)
        for number, function in enumerate(order):
            if number == len(order) // 2:
                await story.launch(group)  # by some functions of one version, and some of the other
            await story.overlap(function, before, after)
        found = await story.marketer.campaign(steady.campaign_id)
        ended = found["stats"]["sent"]
        wrong = "" if found["status"] == "sending" else f"the steady campaign is {found['status']}"
        line.judge(
            f"{len(order)} functions replaced, {ended - began:,} messages sent meanwhile",
            wrong or ("" if ended > began else "nothing was sent meanwhile"),
        )


async def _finish(story: Upgrade, report: Report, steady: Campaign) -> None:
    with report.checking("end", "campaigns are over, and no push is under way") as line:
        await story.marketer.ask("POST", f"/campaigns/{steady.campaign_id}/rate", {"rate": FASTEST})
        ends = [await story.ended(campaign) for campaign in story.campaigns]
        while story.stage.front.quiet_for() < QUIET:
            await asyncio.sleep(0.2)
        statuses = Counter(found["status"] for found in ends)
        line.judge(
            ", ".join(f"{times} {status}" for status, times in statuses.items()),
            "" if statuses.keys() <= {"finished"} else "a campaign needs attention",
        )


async def _judge(story: Upgrade, report: Report) -> None:
    with report.checking("reconciliation", "nothing lost, nothing twice, figures as rows and ledger") as line:
        verdict = await compared(story, story.stage.folder, KNOBS["vendor"])
        figure = (
            f"{verdict.recipients:,} recipients, {verdict.delivered:,} delivered, {verdict.failed:,} failed; "
            f"{story.systems.counts['records accepted']:,} records; {story.readings:,} readings add up"
        )
        line.judge(figure, "; ".join([*findings(verdict), *story.broken]))


def findings(verdict: Verdict) -> list[str]:
    """All that is wrong with rows, ledger and records."""
    counted = {
        "twice by the vendor's ledger": verdict.duplicates_by_vendor,
        "twice by the rows": verdict.duplicates_by_rows,
        "lost": verdict.losses,
        "drift": verdict.drift,
        "unknown": verdict.unknown,
    }
    return [f"{what}: {dict(+counter)}" for what, counter in counted.items() if counter.total()]


def judge_calls(stage: Stage, report: Report, versions: tuple[str, str]) -> None:
    """Whether each version served, no caller got a 5xx, and no function logged an error."""
    with report.checking("calls", "answers with 5xx, of all calls") as line:
        by_version = {
            version: sum(stage.front.calls(name)[version] for name in FUNCTIONS) for version in versions
        }
        failed = stage.front.failed()
        said = ", ".join(f"{times:,} by {version}" for version, times in by_version.items())
        line.judge(f"{failed.total():,} of {said}", listed(failed))
    with report.checking("logs", "error lines of all functions") as line:
        found = logs.errors(sorted(stage.logs.glob("crm-*.log")))
        line.judge(f"{found.total():,}", listed(found))


def listed(counter: Mapping[str, int]) -> str:
    """Each with how often it was."""
    return "; ".join(f"{name} ×{times}" for name, times in counter.items())


@asynccontextmanager
async def watched(fleet: Fleet) -> AsyncIterator[None]:
    """Start killed instances again, inside the block. Raises StackError for one that ended by itself."""

    async def watching() -> None:
        while True:
            fleet.revive()
            await asyncio.sleep(0.2)

    async with in_background(watching()):
        yield


@asynccontextmanager
async def telling(stage: Stage) -> AsyncIterator[Upgrade]:
    """Systems and a signed-in marketer who work on a stage."""
    draw = random.Random("rehearsal")
    systems = Systems(stage.ports.url, stage.api_key, draw)
    async with Marketer.signed_in(stage.ports.url, _MARKETER) as marketer:
        yield Upgrade(systems=systems, marketer=marketer, draw=draw, stage=stage)
