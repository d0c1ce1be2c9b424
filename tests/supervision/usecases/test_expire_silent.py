"""Messages without a receipt become unknown."""

from datetime import timedelta

from tests.delivery.in_memory import InMemoryWorld


async def test_messages_without_a_receipt_are_unknown_after_the_silence(world: InMemoryWorld) -> None:
    (chunk,) = await world.sending(5)
    await world.pushes("chunks", chunk)
    rows = world.rows()
    await world.receives([rows["C-0"], rows["C-1"]])
    world.now += world.silence - timedelta(seconds=1)
    await world.ticks()
    assert world.campaign().status == "sending"
    world.now += timedelta(seconds=1)
    await world.ticks(3)
    assert world.stats() == {"audience": 5, "sent": 2, "delivered": 2, "unknown": 3}
    assert world.rows()["C-2"].reason == "No receipt came within 72 hours."
    await world.ticks(3)
    closed = world.campaign()
    assert (closed.status, closed.note) == ("needs_attention", "3 messages are unknown.")
    # A later receipt still changes its row.
    await world.receives([rows["C-2"]])
    assert world.stats() == {"audience": 5, "sent": 3, "delivered": 3, "unknown": 2}
