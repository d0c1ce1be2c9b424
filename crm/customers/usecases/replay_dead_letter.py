"""Replay a dead letter: give its message to its topic once more."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from crm.customers.dead_letters import KeptLetter
from crm.customers.ports import KeptLetters
from crm.kernel.broker import Broker
from crm.kernel.errors import Conflict


async def replay_dead_letter(
    letters: KeptLetters, broker: Broker, topics: Collection[str], kept: KeptLetter, now: datetime
) -> bool:
    """Publish the letter again and mark it; false where that was done before, and nothing happens.

    Killed in between, it is published twice, which handlers bear. One that fails again is open again.
    Raises Conflict where it cannot be replayed, Unavailable.
    """
    if kept.replayed_at is not None:
        return False
    if kept.letter.source not in topics:
        raise Conflict(f"It came from {kept.letter.source!r}, which is no topic of ours.")
    if not kept.whole:
        raise Conflict("It was too long to be kept whole.")
    await broker.publish(kept.letter.source, [kept.letter.message])
    with suppress(Conflict):  # it has failed and come back already, so it is open
        await letters.mark_replayed(kept, now)
    return True
