"""Receipts that come when a campaign is over: what it says of itself follows, whatever the tick does."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.campaigns.campaign import Campaign
from crm.delivery.store.receipts import FirestoreReceipts
from crm.supervision.usecases.watch import Supervision
from tests.delivery.campaign_stores import World

pytestmark = pytest.mark.emulator


async def unknown(world: World, count: int = 2) -> list[str]:
    """A campaign that is over, the vendor having told nothing. The ids of its messages, all unknown."""
    (chunk,) = await world.sending(count)
    await world.pushes("chunks", chunk)
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    assert (await world.campaign()).note == f"{count} messages are unknown."
    return [row.message_id for row in (await world.rows()).values()]


async def says(world: World) -> tuple[str, str | None]:
    campaign = await world.campaign()
    return campaign.status, campaign.note


async def test_a_receipt_that_comes_when_nobody_waits_any_more_still_settles_the_campaign(
    world: World,
) -> None:
    first, second = await unknown(world)
    world.now += timedelta(days=8)
    await world.ticks()
    assert await world.campaigns.needs_tick() == []
    await world.tells([first])
    await world.ticks()
    assert await says(world) == ("needs_attention", "1 message is unknown.")
    assert await world.campaigns.needs_tick() == []
    await world.tells([second])
    await world.ticks()
    assert await says(world) == ("finished", None)
    assert await world.campaigns.needs_tick() == []


async def test_a_receipt_on_its_way_while_the_tick_puts_the_campaign_to_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = await unknown(world)
    world.now += timedelta(days=8)
    wake = FirestoreReceipts._wake

    async def slowly(self: FirestoreReceipts, *arguments: Any) -> None:
        """Between what the receipt's worker reads and its commit the tick comes and goes."""
        await wake(self, *arguments)
        if not (await world.campaign()).watch_ended:
            await world.ticks()
            assert (await world.campaign()).watch_ended

    monkeypatch.setattr(FirestoreReceipts, "_wake", slowly)
    await world.tells(messages)
    await world.ticks()
    assert await says(world) == ("finished", None)


async def test_a_receipt_that_comes_while_the_tick_decides_to_put_the_campaign_to_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = await unknown(world)
    world.now += timedelta(days=8)
    is_true = Supervision.is_true

    async def slowly(self: Supervision, campaign: Campaign, now: datetime) -> bool:
        """The tick has read the figures when the receipts come."""
        while messages:
            await world.tells([messages.pop()])
        return await is_true(self, campaign, now)

    monkeypatch.setattr(Supervision, "is_true", slowly)
    await world.ticks()
    await world.ticks()
    assert await says(world) == ("finished", None)


async def test_a_cancelled_campaign_says_what_late_receipts_leave_unknown(world: World) -> None:
    (chunk,) = await world.sending(3)
    await world.pushes("chunks", chunk)
    await world.cancels()
    world.now += world.silence
    await world.ticks()
    await world.ticks()
    assert await says(world) == ("cancelled", "3 messages are unknown.")
    first, *others = [row.message_id for row in (await world.rows()).values()]
    await world.tells([first])
    await world.ticks()
    assert await says(world) == ("cancelled", "2 messages are unknown.")
    assert await world.campaigns.needs_tick() == []
    await world.tells(others)
    await world.ticks()
    assert await says(world) == ("cancelled", None)
    assert await world.campaigns.needs_tick() == []
