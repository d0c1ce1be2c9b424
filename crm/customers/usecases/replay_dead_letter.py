"""Replay a dead letter: publish its message to its topic once more."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from crm.customers.dead_letters import KeptLetter
from crm.customers.ports import KeptLetters
from crm.kernel.broker import Broker
from crm.kernel.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDeadLetter:
    """Publishes a letter again and marks it. If it fails again, it is open again."""

    letters: KeptLetters
    broker: Broker

    topics: Collection[str]
    """The topics of this installation."""

    async def __call__(self, kept: KeptLetter, now: datetime) -> bool:
        """True if the letter was published; False, and nothing happens, if it already had been.

        Interrupted before the mark, a repeat publishes it twice; handlers are idempotent.
        Raises Conflict if it cannot be replayed, and Unavailable.
        """
        if kept.replayed_at is not None:
            return False
        if kept.letter.source not in self.topics:
            raise Conflict(f"It came from {kept.letter.source!r}, which is no topic of ours.")
        if not kept.whole:
            raise Conflict("It was too long to be kept whole.")
        letter = kept.letter
        await self.broker.publish(letter.source, [letter.message], letter.message_attributes)
        with suppress(Conflict):  # it has failed again already, so it is open
            await self.letters.mark_replayed(kept, now)
        return True
