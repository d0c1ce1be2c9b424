"""Chunks of a campaign with a rate are published as the rate allows."""

from datetime import timedelta

import pytest

from tests.delivery.in_memory import InMemoryWorld


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 10."""
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 10)
    monkeypatch.setattr("crm.supervision.usecases.publish_due_chunks.CHUNK_SIZE", 10)


async def test_concurrent_ticks_keep_the_rate(world: InMemoryWorld) -> None:
    assert await world.sending(45, rate=20) == []
    sent = []
    for _ in range(6):
        await world.ticks(3)
        sent.append(await world.handles("chunks"))
        world.now += timedelta(seconds=30)
    assert sent == [1, 1, 1, 1, 1, 0]
    assert world.stats() == {"audience": 45, "sent": 45, "accepted": 45}
    assert {len(call) for call in world.vendor.calls} == {5, 10}


async def test_the_rate_does_not_make_up_for_a_pause(world: InMemoryWorld) -> None:
    await world.sending(45, rate=20)
    await world.ticks()
    await world.pauses()
    world.now += timedelta(hours=1)
    await world.resumes()
    assert len(world.takes("chunks")) == 1
    await world.ticks()
    assert len(world.takes("chunks")) == 1
    # A pause of an hour is not a stall.
    assert world.campaign().note is None
