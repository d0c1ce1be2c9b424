"""What happens in a run: records under fire, campaigns under fire, the broker replaced, and then peace."""

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from prove.callers import Marketer, Systems
from prove.faults import Plan
from prove.history import orders, people
from prove.post import Post
from prove.stage import Stage
from prove.trouble import Trouble

FUNCTIONS = ("consumer", "deliver", "receipts", "vendor", "ingest")


@dataclass(slots=True, kw_only=True)
class Campaign:
    """A campaign that was launched, and to whom. `launched` is how many calls were told that they did it."""

    campaign_id: str
    name: str
    group: str
    launched: int = 0


@dataclass(slots=True)
class Course:
    """What a scenario works with, and what it finds on its way."""

    stage: Stage
    post: Post
    trouble: Trouble
    systems: Systems
    marketer: Marketer
    seed: int
    draw: random.Random
    campaigns: list[Campaign] = field(default_factory=list)
    withdrew: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    readings: int = 0
    replaced: str = ""
    began: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """Tell whoever waits how far it came."""
        print(f"{time.monotonic() - self.began:4.0f} s  {what}", flush=True)

    def customers(self, group: str) -> list[str]:
        """Everybody who was posted with this tag."""
        return sorted(name for name in self.systems.truth.customers if name.startswith(f"{group}-"))

    async def populate(self, group: str, count: int) -> None:
        """Post customers, and wait until the audience has all of them."""
        await self.systems.post("customers", list(people(self.draw, group, count)))

    async def known(self, group: str) -> None:
        """Return once the audience has everybody of the group."""
        wanted = len(self.customers(group))
        while True:
            found = await self.marketer.ask("POST", "/audience/preview", {"rules": rules(group)})
            if found["reachable"] == wanted:
                self.say(f"all {wanted:,} customers of group {group} are in the audience")
                return
            await asyncio.sleep(0.5)

    async def launch(self, group: str, rate: int | None = None) -> Campaign:
        """Launch a campaign to a group, ten times at once. The vendor gets its name as text."""
        name = f"Campaign {len(self.campaigns) + 1}"
        draft: dict[str, Any] = {"name": name, "rules": rules(group), "message": {"body": name}}
        if rate is not None:
            draft["rate"] = rate
        made = await self.marketer.ask("POST", "/campaigns", draft)
        campaign = Campaign(campaign_id=made["id"], name=name, group=group)
        self.campaigns.append(campaign)
        self.say(f"{name} begins")
        campaign.launched = await self.marketer.launch(campaign.campaign_id)
        if campaign.launched > 1:
            self.broken.append(f"{name} was launched {campaign.launched} times")
        return campaign

    async def withdraw(self, customer_ids: list[str]) -> None:
        """These customers want no more messages, from now on."""
        self.withdrew.update(customer_ids)
        told = "2026-01-01T00:00:00Z"
        records = [{"customer_id": name, "consent": False, "updated_at": told} for name in customer_ids]
        await self.systems.repeat("customers", records)

    async def read_on(self) -> None:
        """Read the figures of every campaign again and again; they have to add up at every reading."""
        while True:
            for campaign in list(self.campaigns):
                found = await self.marketer.campaign(campaign.campaign_id)
                self.readings += 1
                wrong = adds_up(found["stats"])
                if wrong:
                    self.broken.append(f"{campaign.name}: {wrong}")
            await asyncio.sleep(0.3)

    async def rest(self, campaign: Campaign) -> dict[str, Any]:
        """The campaign once it is over and the vendor has said everything."""
        found = await self.marketer.until(campaign.campaign_id, "finished", "needs_attention")
        self.say(f"{campaign.name} is {found['status']}")
        return found


def adds_up(stats: Mapping[str, int]) -> str:
    """What is wrong with figures; nothing where they add up."""
    parts = [stats[name] for name in ("pending", "accepted", "delivered", "failed", "skipped", "unknown")]
    if stats["audience"] != sum(parts) or stats["sent"] != stats["accepted"] + stats["delivered"]:
        return f"the figures do not add up: {dict(stats)}"
    return f"a figure is below zero: {dict(stats)}" if min(parts) < 0 else ""


def rules(group: str) -> dict[str, Any]:
    return {"combinator": "and", "rules": [{"field": "tags", "operator": "contains", "value": group}]}


async def short(course: Course) -> None:
    """One campaign while orders come in, a handful of chosen lines and one death at random.

    When `deliver` dies for the second time its three chunks are done, so that nobody waits for a lease again.
    """
    chosen = {
        "ingest: before publish*": 2,
        "consumer: before commit*": 2,
        "deliver: after vendor call*": 1,
        "deliver: after commit*FirestoreChunkLeases.finish": 3,
        "receipts: after commit*": 2,
        "vendor: before publish*": 2,
    }
    plan = Plan(seed=str(course.seed), chosen=chosen)
    course.stage.faults.arm(plan)
    await course.populate("short", 1_500)
    await course.known("short")
    campaign = await course.launch("short", rate=None)
    bought = list(orders(course.draw, course.customers("short"), 600, "S"))
    async with asyncio.TaskGroup() as meanwhile:
        meanwhile.create_task(course.systems.post("orders", bought))
        await asyncio.sleep(1)
        course.trouble.kill("receipts")
        await course.trouble.freeze("pubsub", 1.5)
        await course.rest(campaign)
    course.broken += [f"no process died at {line}" for line in course.stage.faults.unused(plan)]


async def full(course: Course) -> None:
    """Three waves; every line that is ever passed is armed in one of them, and what is left in the last."""
    stage, trouble, systems, draw = course.stage, course.trouble, course.systems, course.draw

    def arm(place: int) -> None:
        stage.faults.arm(Plan(seed=str(course.seed), share=(place, 3), spread=3, rest=1.0))

    arm(0)
    async with AsyncExitStack() as fire:
        await fire.enter_async_context(trouble.random_kills(6, ("consumer", "ingest")))
        for group, count in (("one", 5_000), ("two", 3_000), ("three", 1_500)):
            await course.populate(group, count)
        everybody = [name for group in ("one", "two", "three") for name in course.customers(group)]
        bought = list(orders(draw, everybody, 4_000, "A"))
        await asyncio.gather(systems.post("orders", bought), trouble.freeze("firestore", 4))
        await trouble.freeze("pubsub", 3)
    for group in ("one", "two", "three"):
        await course.known(group)

    async with AsyncExitStack() as fire:
        await fire.enter_async_context(trouble.random_kills(8, FUNCTIONS))
        later = list(orders(draw, everybody, 1_500, "B"))
        posting = asyncio.create_task(systems.post("orders", later, 1))
        first = await course.launch("one")
        await asyncio.sleep(2)
        await course.withdraw(draw.sample(course.customers("one"), 150))
        await trouble.freeze("firestore", 5)
        await trouble.freeze("pubsub", 4)
        arm(1)
        await trouble.freeze("firestore", 12)
        await asyncio.gather(posting, course.rest(first))

    second = await course.launch("two", rate=6_000)  # so slow that it is met in its middle
    await _replace(course, second)
    arm(2)
    async with trouble.random_kills(8, FUNCTIONS):
        await asyncio.gather(*map(course.rest, course.campaigns))
        await course.marketer.ask("POST", f"/campaigns/{first.campaign_id}/retry-failed")
        await trouble.freeze("firestore", 3)
        await course.rest(first)

    stage.faults.arm(Plan(seed=str(course.seed), share=(0, 1), rest=0.5))
    await systems.post("orders", list(orders(draw, everybody, 500, "C")))
    await course.populate("four", 1_000)
    await course.known("four")
    last = await course.launch("four")
    await course.rest(last)
    await course.marketer.ask("POST", f"/campaigns/{last.campaign_id}/retry-failed")
    await course.rest(last)


async def _replace(course: Course, running: Campaign) -> None:
    """Replace the broker in mid-campaign, when all that it holds are messages of delivery to itself.

    What Pub/Sub took of records and receipts is lost with it, by nature: the real one is durable. So nothing
    is posted meanwhile, and the campaign rests for a moment until the vendor has said all of what it took.
    """
    course.stage.faults.disarm()
    name = running.campaign_id
    while not (await course.marketer.campaign(name))["stats"]["sent"]:
        await asyncio.sleep(0.2)
    await course.marketer.ask("POST", f"/campaigns/{name}/pause")
    while (found := await course.marketer.campaign(name))["stats"]["accepted"]:
        await asyncio.sleep(0.5)
    if not found["stats"]["pending"]:
        course.broken.append("the broker was to be replaced in mid-campaign, and nothing was left to send")
    await course.post.quiet(8)
    with course.post.holding("launches", "partitions", "chunks"):
        await course.marketer.ask("POST", f"/campaigns/{name}/resume")
        another = await course.launch("three")
        await asyncio.sleep(1)
        await course.stage.replace_pubsub()
    course.replaced = (
        f"with {running.name} {found['stats']['pending']:,} pending and {another.name} just launched"
    )
