"""The watch: counters are checked now and then, and nothing is concluded from wrong ones."""

from datetime import timedelta

from tests.delivery.in_memory import InMemoryWorld


async def test_wrong_counters_are_corrected_before_the_campaign_is_closed(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(4)
    # Nothing is sent, yet by the counters everything is delivered.
    world.corrupts(delivered=4)
    await world.ticks()
    assert world.campaign().status == "sending"
    assert world.stats() == {"audience": 4, "pending": 4}
    await world.pushes("chunks", chunk)
    await world.receives(list(world.rows().values()))
    await world.ticks()
    assert world.campaign().status == "finished"


async def test_the_counters_are_checked_every_ten_minutes(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(4)
    await world.pushes("chunks", chunk)
    await world.ticks()
    world.corrupts(skipped=1, accepted=-1)
    await world.ticks()
    world.now += timedelta(minutes=10)
    await world.ticks()
    assert world.stats() == {"audience": 4, "sent": 4, "accepted": 4}
