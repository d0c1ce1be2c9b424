"""The scenarios: records and campaigns while faults are injected, a replaced broker, and an end without
faults."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from prove.faults import Plan
from prove.history import orders
from prove.proxy import UnreliableProxy
from prove.stage import Stage
from prove.story import Campaign, Story
from prove.trouble import Trouble

FUNCTIONS = ("consumer", "deliver", "receipts", "vendor", "ingest")


@dataclass(slots=True, kw_only=True)
class Run(Story):
    """A story on a stack that faults are injected into."""

    stage: Stage
    proxy: UnreliableProxy
    trouble: Trouble
    seed: int
    replaced: str = ""


async def short(run: Run) -> None:
    """One campaign while orders come in, with a handful of chosen fault points and one random kill.

    When `deliver` dies for the second time its three chunks are done, so no lease has to expire again.
    """
    chosen = {
        "ingest: before publish*": 2,
        "consumer: before commit*": 2,
        "deliver: after vendor call*": 1,
        "deliver: after commit*FirestoreChunkLeases.finish": 3,
        "receipts: after commit*": 2,
        "vendor: before publish*": 2,
    }
    plan = Plan(seed=str(run.seed), chosen=chosen)
    run.stage.faults.arm(plan)
    await run.populate("short", 1_500)
    await run.known("short")
    campaign = await run.launch("short", rate=None)
    bought = list(orders(run.draw, run.customers("short"), 600, "S"))
    async with asyncio.TaskGroup() as meanwhile:
        meanwhile.create_task(run.systems.post("orders", bought))
        await asyncio.sleep(1)
        run.trouble.kill("receipts")
        await run.trouble.freeze("pubsub", 1.5)
        await run.ended(campaign)
    run.broken += [f"no process died at {point}" for point in run.stage.faults.unused(plan)]


async def full(run: Run) -> None:
    """Three waves, each arming a third of all fault points; a last one arms all that are left."""
    stage, trouble, systems, draw = run.stage, run.trouble, run.systems, run.draw

    def arm(place: int) -> None:
        stage.faults.arm(Plan(seed=str(run.seed), share=(place, 3), spread=3, rest=1.0))

    arm(0)
    async with AsyncExitStack() as faults:
        await faults.enter_async_context(trouble.random_kills(6, ("consumer", "ingest")))
        for group, count in (("one", 5_000), ("two", 3_000), ("three", 1_500)):
            await run.populate(group, count)
        everybody = [name for group in ("one", "two", "three") for name in run.customers(group)]
        bought = list(orders(draw, everybody, 4_000, "A"))
        await asyncio.gather(systems.post("orders", bought), trouble.freeze("firestore", 4))
        await trouble.freeze("pubsub", 3)
    for group in ("one", "two", "three"):
        await run.known(group)

    async with AsyncExitStack() as faults:
        await faults.enter_async_context(trouble.random_kills(8, FUNCTIONS))
        later = list(orders(draw, everybody, 1_500, "B"))
        posting = asyncio.create_task(systems.post("orders", later, 1))
        first = await run.launch("one")
        await asyncio.sleep(2)
        await run.withdraw(draw.sample(run.customers("one"), 150))
        await trouble.freeze("firestore", 5)
        await trouble.freeze("pubsub", 4)
        arm(1)
        await trouble.freeze("firestore", 12)
        await asyncio.gather(posting, run.ended(first))

    second = await run.launch("two", rate=6_000)  # slow enough to be replaced midway
    await _replace(run, second)
    arm(2)
    async with trouble.random_kills(8, FUNCTIONS):
        await asyncio.gather(*map(run.ended, run.campaigns))
        await run.marketer.ask("POST", f"/campaigns/{first.campaign_id}/retry-failed")
        await trouble.freeze("firestore", 3)
        await run.ended(first)

    stage.faults.arm(Plan(seed=str(run.seed), share=(0, 1), rest=0.5))
    await systems.post("orders", list(orders(draw, everybody, 500, "C")))
    await run.populate("four", 1_000)
    await run.known("four")
    last = await run.launch("four")
    await run.ended(last)
    await run.marketer.ask("POST", f"/campaigns/{last.campaign_id}/retry-failed")
    await run.ended(last)


async def _replace(run: Run, running: Campaign) -> None:
    """Replace the broker midway through a campaign, while it holds only requests that delivery publishes to
    itself.

    Records and receipts that the emulator holds would be lost, though not by the durable Pub/Sub. So nothing
    is posted meanwhile, and the campaign is paused until the vendor has reported on every message that it
    took.
    """
    run.stage.faults.disarm()
    name = running.campaign_id
    while not (await run.marketer.campaign(name))["stats"]["sent"]:
        await asyncio.sleep(0.2)
    found = await run.pause(running)
    if not found["stats"]["pending"]:
        run.broken.append("nothing was left to send when the broker was replaced")
    await run.proxy.quiet(8)
    with run.proxy.holding("partitions", "chunks"):
        await run.marketer.ask("POST", f"/campaigns/{name}/resume")
        another = await run.launch("three")
        await asyncio.sleep(1)
        await run.stage.replace_pubsub()
    run.replaced = (
        f"with {running.name} {found['stats']['pending']:,} pending and {another.name} just launched"
    )
