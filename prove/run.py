"""One run: starts the stack, plays a scenario, compares and reports."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from devstack import signals
from devstack.errors import StackError
from prove import settings
from prove.callers import Marketer, Refused, Systems
from prove.comparing import compared
from prove.proxy import FaultRates, UnreliableProxy
from prove.scenario import Run
from prove.shuffle import Shuffle
from prove.stage import Stage, staged
from prove.story import MARKETER, QUIET
from prove.table import Report
from prove.trouble import Trouble, in_background, messages, watched

JUDGING = 120.0
"""Seconds to read and compare everything at the end."""

Scenario = Callable[[Run], Awaitable[None]]


async def _performed(stage: Stage, play: Scenario, seed: int, seconds: float) -> Report:
    """Play the scenario on a ready stack, and report. Raises StackError, Refused, TimeoutError."""
    began = time.monotonic()
    webhook = f"{stage.ports.function('receipts')}/api/v1/receipts"
    shuffle = Shuffle(webhook, stage.secrets.webhook, seed, often=0.01)
    proxy = UnreliableProxy(stage.proxy.functions["deliver"], stage.ports, shuffle, seed, FaultRates())
    trouble = Trouble(stage, seed)
    draw = random.Random(f"story {seed}")
    systems = Systems(stage.ports.url, stage.api_key, draw)
    async with AsyncExitStack() as running:
        await running.enter_async_context(proxy.open())
        await running.enter_async_context(watched(stage.watch))
        marketer = await running.enter_async_context(Marketer.signed_in(stage.ports.url, MARKETER))
        run = Run(
            systems=systems,
            marketer=marketer,
            draw=draw,
            stage=stage,
            proxy=proxy,
            trouble=trouble,
            seed=seed,
        )
        async with in_background(run.read_on()):
            await _played(run, play, seconds)
        async with asyncio.timeout(JUDGING):
            verdict = await compared(run, stage.folder, settings.knobs(seed, "")["vendor"])
    kills = [*stage.faults.kills(), *trouble.kills]
    return Report(
        seed=seed,
        seconds=time.monotonic() - began,
        verdict=verdict,
        kills=kills,
        frozen=trouble.frozen,
        seen=stage.faults.seen(),
        proxy=proxy.counts,
        receipts=shuffle.counts,
        deliveries=shuffle.deliveries,
        records=systems.counts,
        readings=run.readings,
        replaced=run.replaced,
        broken=run.broken,
    )


async def _played(run: Run, play: Scenario, seconds: float) -> None:
    """Play the scenario, then wait until all work is finished. If it is not in time, report how far it
    came."""
    try:
        async with asyncio.timeout(seconds):
            await play(run)
            run.stage.faults.disarm()
            await run.proxy.quiet(QUIET)
            run.say("no push is under way any more")
    except TimeoutError:
        run.stage.faults.disarm()
        deaf = await asyncio.to_thread(run.stage.functions.deaf)
        run.broken.append(
            f"It did not finish within {seconds:.0f} s. Functions that do not answer: "
            f"{', '.join(deaf) or 'none'}."
        )
        for campaign in run.campaigns:
            found = await run.marketer.campaign(campaign.campaign_id)
            run.broken.append(f"{campaign.name} is {found['status']}: {found['stats']}")


def perform(play: Scenario, folder: Path, seed: int, seconds: float) -> Report:
    """Play a scenario on a stack of its own, within `seconds`. Raises StackError. Leaves nothing running."""
    signals.raise_on_request()
    with staged(folder, seed) as stage:
        try:
            return signals.run_until_request(_performed(stage, play, seed, seconds))
        except* TimeoutError as late:
            raise StackError(
                f"The database could not be read and compared within {JUDGING:.0f} seconds."
            ) from late
        except* (StackError, Refused) as group:
            raise StackError("; ".join(messages(group))) from group
