"""Systems and a marketer that use a stack under rehearsal, and what is checked at the end."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from crm.campaigns.rate_limit import FASTEST
from prove.callers import Marketer, Systems
from prove.comparing import compared
from prove.history import orders
from prove.judging import Verdict
from prove.story import MARKETER, QUIET, Campaign, Story, rules
from prove.trouble import watched
from rehearse import logs
from rehearse.stage import KNOBS, Stage
from rehearse.table import Line, Report

PART: Final = 10
"""Recipients of one call to the vendor, so that a campaign is many calls."""


@dataclass(slots=True, kw_only=True)
class Rehearsal(Story):
    """A story on a stack of two versions."""

    stage: Stage

    async def customers_of(self, report: Report, sizes: Mapping[str, int]) -> None:
        """Post so many customers of each group, and wait until campaigns find them."""
        with report.checking("records", "customers are in the audience") as line:
            await asyncio.gather(*(self.populate(group, count) for group, count in sizes.items()))
            for group in sizes:
                await self.known(group)
            line.record(f"{sum(sizes.values()):,} customers")

    async def begin(self, group: str, rate: int) -> Campaign:
        """Launch a campaign of many small parts, and return once it sends, at `rate` messages a minute."""
        campaign = await self.launch(group, rate=PART)
        await self.marketer.until(campaign.campaign_id, "sending")
        await self.set_rate(campaign, rate)
        return campaign

    async def set_rate(self, campaign: Campaign, rate: int = FASTEST) -> None:
        """Send so many messages a minute from now on; left out, as many as possible."""
        await self.marketer.ask("POST", f"/campaigns/{campaign.campaign_id}/rate", {"rate": rate})

    async def sent(self, campaign: Campaign) -> int:
        """How many messages of a campaign the vendor has taken so far."""
        return int((await self.marketer.campaign(campaign.campaign_id))["stats"]["sent"])

    async def post_on(self, groups: Sequence[str], prefix: str, count: int) -> None:
        """Post customers' orders, so many at a time."""
        names = [name for group in groups for name in self.customers(group)]
        for number in range(10_000):
            await self.systems.post("orders", list(orders(self.draw, names, count, f"{prefix}{number}")), 2)
            await asyncio.sleep(0.2)

    async def ask_on(self, campaign: Campaign) -> None:
        """Ask for summaries and previews, as people who watch a campaign do."""
        while True:
            await self.marketer.ask("POST", "/ai/summaries", {"campaign_id": campaign.campaign_id})
            await self.marketer.ask("POST", "/audience/preview", {"rules": rules(campaign.group)})
            await asyncio.sleep(0.3)

    async def finish(self, report: Report) -> None:
        """Wait until nothing is under way any more."""
        with report.checking("end", "campaigns are over, and no push is under way") as line:
            ends = [await self.ended(campaign) for campaign in self.campaigns]
            await self.stage.front.quiet(QUIET)
            statuses = Counter(found["status"] for found in ends)
            line.record(listed(statuses), "" if statuses.keys() == {"finished"} else "not all are finished")

    async def reconcile(self, report: Report) -> None:
        """Compare what was posted and sent with what is stored."""
        with report.checking("reconciliation", "nothing lost or twice, no dead letter, no drift") as line:
            verdict = await compared(self, self.stage.folder, KNOBS["vendor"])
            figure = (
                f"{verdict.recipients:,} recipients, {verdict.delivered:,} delivered, {verdict.failed:,} "
                f"failed; {self.systems.counts['records accepted']:,} records; {self.readings:,} readings"
            )
            line.record(figure, "; ".join([*findings(verdict), *self.broken]))


@asynccontextmanager
async def rehearsal_on(stage: Stage) -> AsyncIterator[Rehearsal]:
    """Systems and a signed-in marketer; functions that are killed are started again meanwhile. Raises
    StackError where one ends otherwise."""
    draw = random.Random("rehearsal")
    systems = Systems(stage.ports.url, stage.api_key, draw)
    async with watched(stage.fleet.revive), Marketer.signed_in(stage.ports.url, MARKETER) as marketer:
        yield Rehearsal(systems=systems, marketer=marketer, draw=draw, stage=stage)


def findings(verdict: Verdict) -> list[str]:
    """All that is wrong with rows, ledger and records."""
    counted = {
        "twice by the vendor's ledger": verdict.duplicates_by_vendor,
        "twice by the rows": verdict.duplicates_by_rows,
        "lost": verdict.losses,
        "drift": verdict.drift,
        "unknown": verdict.unknown,
    }
    return [f"{what}: {listed(+counter)}" for what, counter in counted.items() if counter.total()]


def check_calls(stage: Stage, report: Report, *, killed: bool) -> None:
    """Check what callers were answered, and what functions logged.

    Unless processes were `killed`, no answer may be a 5xx, and no line an error.
    """
    with report.checking("calls", "answers with 5xx, of all calls") as line:
        calls: Counter[str] = sum((stage.front.calls(name) for name in stage.front.functions), Counter())
        failed = stage.front.failed()
        said = ", ".join(f"{times:,} by {version}" for version, times in calls.items())
        _record(line, failed, f"of {said}", killed)
    with report.checking("logs", "error lines of all functions") as line:
        _record(line, logs.errors(sorted(stage.logs.glob("crm-*.log"))), "", killed)


def _record(line: Line, found: Counter[str], of: str, expected: bool) -> None:
    figure = f"{found.total():,} {of}".strip()
    if expected and found:
        line.record(f"{figure}: {listed(found)}")
    else:
        line.record(figure, listed(found))


def listed(counter: Mapping[str, int]) -> str:
    """Each with how often it was."""
    return ", ".join(f"{times:,} {name}" for name, times in counter.items())
