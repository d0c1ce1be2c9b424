"""One campaign's expensive template holds up neither another campaign's chunk nor the tick nor health."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from crm.campaigns.campaign import Message
from crm.customers.customer import Totals
from tests.delivery.campaign_stores import World, customer

pytestmark = pytest.mark.emulator

MOST_HELD = 0.25
"""Processor seconds that the event loop may be held by one thing."""

LOOP = "{% for i in (1..customer.order_count) %}{% if i == 0 %}{% endif %}{% endfor %}x"


@asynccontextmanager
async def held() -> AsyncIterator[list[float]]:
    """How long the event loop was held by one thing at a time, in seconds of this thread's processor time."""
    found: list[float] = []

    async def watch() -> None:
        while True:
            since = time.thread_time()
            await asyncio.sleep(0)
            found.append(time.thread_time() - since)

    task = asyncio.create_task(watch())
    yield found
    task.cancel()


async def test_an_expensive_campaign_holds_up_nobody_else(world: World) -> None:
    expensive = await world.sending(1_000, message=Message(body=LOOP))
    await world.has(*(customer(n, version=2, totals=Totals(order_count=999)) for n in range(1_000)))
    await world.drafts(campaign_id="c2")
    await world.launches("c2")
    await world.handles("partitions")
    ordinary, *_ = world.takes("chunks")
    assert json.loads(ordinary)["campaign_id"] == "c2"
    slow = [asyncio.create_task(world.pushes("chunks", chunk)) for chunk in expensive]
    await asyncio.sleep(0.3)
    async with held() as found:
        answer = await world.pushes("chunks", ordinary)
        assert (await world.http.get("/health")).status_code == 200
        await world.ticks()
        assert not any(task.done() for task in slow)
    assert answer.status_code == 204
    assert [(await task).status_code for task in slow] == [204] * len(expensive)
    assert max(found) < MOST_HELD
    stats = await world.stats("c1")
    assert stats["failed"] > 0
    assert stats["failed"] + stats["accepted"] == 1_000
    reasons = {row.reason for row in (await world.rows("c1")).values() if row.status == "failed"}
    assert all(reason and reason.startswith("The message could not be rendered") for reason in reasons)
    assert (await world.stats("c2"))["accepted"] > 0
