"""A stalled campaign is reported once, until it moves again."""

import logging
from datetime import timedelta

import pytest

from tests.delivery.in_memory import InMemoryWorld


async def test_a_stall_is_reported_once_and_withdrawn(
    world: InMemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    (chunk,) = await world.sending(2)
    await world.ticks()
    world.now += timedelta(minutes=30)
    with caplog.at_level(logging.ERROR):
        await world.ticks()
        await world.ticks()
    stalls = [record for record in caplog.records if "stalled" in record.getMessage()]
    assert [getattr(record, "ids", None) for record in stalls] == [{"campaign_id": "c1", "status": "sending"}]
    note = "Nothing has moved for 30 minutes: 2 pending (chunks 0000-0000), 0 without a receipt."
    assert world.campaign().note == note
    await world.pushes("chunks", chunk)
    await world.ticks()
    assert world.campaign().note is None
