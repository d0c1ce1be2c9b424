"""The circuit breaker: a campaign is paused where most of at least 20 messages failed."""

import logging

import pytest

from tests.delivery.in_memory import InMemoryWorld


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 10."""
    monkeypatch.setattr("crm.delivery.freezing.CHUNK_SIZE", 10)
    monkeypatch.setattr("crm.supervision.usecases.publish_due_chunks.CHUNK_SIZE", 10)


async def test_rejections_pause_the_campaign_before_the_next_tick(
    world: InMemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    chunks = await world.sending(40)
    world.vendor.rejects = {f"c{n}@example.com": "sender unknown" for n in range(40)}
    with caplog.at_level(logging.ERROR):
        for chunk in chunks:
            await world.pushes("chunks", chunk)
    paused = world.campaign()
    assert (paused.status, paused.note) == (
        "paused",
        "Paused automatically: 20 of the last 20 messages failed.",
    )
    assert world.stats() == {"audience": 40, "pending": 20, "failed": 20}
    errors = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [getattr(each, "ids", {}).get("campaign_id") for each in errors] == ["c1"]
    (event,) = world.events()
    assert (event.by, event.action, event.subject, event.outcome) == (
        "circuit_breaker",
        "campaign.pause",
        "c1",
        "done",
    )
    assert event.reason == "20 of the last 20 messages failed."
    # Once the cause is gone a marketer resumes it; earlier failures are not judged again.
    world.vendor.rejects = {}
    resumed = await world.resumes()
    assert (resumed.status, resumed.note) == ("sending", None)
    await world.ticks()
    await world.handles("chunks")
    await world.ticks()
    assert world.stats() == {"audience": 40, "sent": 20, "accepted": 20, "failed": 20}


async def test_bounces_pause_it_at_the_next_tick(world: InMemoryWorld) -> None:
    first, second, _ = await world.sending(30)
    await world.pushes("chunks", first)
    await world.pushes("chunks", second)
    await world.ticks()
    rows = list(world.rows().values())
    await world.receives(rows[:12], status="failed")
    await world.receives(rows[12:19])
    await world.ticks()
    assert world.campaign().status == "sending"  # 19 outcomes are too few to judge
    await world.receives(rows[19:])
    await world.ticks()
    paused = world.campaign()
    assert (paused.status, paused.note) == (
        "paused",
        "Paused automatically: 12 of the last 20 messages failed.",
    )


async def test_a_campaign_without_pending_recipients_is_not_paused(world: InMemoryWorld) -> None:
    for chunk in await world.sending(20):
        await world.pushes("chunks", chunk)
    await world.ticks()
    await world.receives(list(world.rows().values()), status="failed")
    await world.ticks()
    assert world.campaign().status == "finished"


async def test_a_share_of_failures_below_the_threshold_pauses_nothing(world: InMemoryWorld) -> None:
    world.vendor.rejects = {f"c{n}@example.com": "full" for n in range(0, 30, 3)}
    for chunk in await world.sending(30):
        await world.pushes("chunks", chunk)
        await world.ticks()
    assert world.campaign().status == "sending"
