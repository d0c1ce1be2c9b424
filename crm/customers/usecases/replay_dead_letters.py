"""Replay many dead letters: publish the messages of all that a filter means once more."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from crm.customers.dead_letters import KeptLetter, LetterSummary
from crm.customers.usecases.replay_dead_letter import ReplayDeadLetter
from crm.kernel.errors import Conflict

CONCURRENCY: Final = 8
"""Letters replayed concurrently, each with its payload in memory."""


class StoredLetters(Protocol):
    """Reads dead letters."""

    async def get(self, letter_id: str) -> KeptLetter | None:
        """The letter with this id, if it is still there. Raises Unavailable."""


@dataclass(slots=True)
class Replayed:
    """What became of the letters."""

    published: int = 0
    skipped: int = 0
    """Replayed by another process, failed again, or gone, since they were listed."""

    refused: Counter[str] = field(default_factory=Counter)
    """Those that cannot be replayed, by reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDeadLetters:
    """Replays letters one by one, each marked as soon as it is published.

    So an interrupted run loses nothing, and a repeat with a fresh list goes on where it stopped. A letter
    that fails again meanwhile is not replayed a second time in the same run.
    """

    letters: StoredLetters
    replay: ReplayDeadLetter

    async def __call__(
        self, listed: Sequence[LetterSummary], now: Callable[[], datetime], advance: Callable[[], None]
    ) -> Replayed:
        """Replay the listed letters, the first ones first; `advance` is called after each.

        Raises Unavailable where the database or the broker is away.
        """
        done = Replayed()
        waiting = iter(listed)
        await asyncio.gather(*(self._work(waiting, done, now, advance) for _ in range(CONCURRENCY)))
        return done

    async def _work(
        self,
        waiting: Iterator[LetterSummary],
        done: Replayed,
        now: Callable[[], datetime],
        advance: Callable[[], None],
    ) -> None:
        for summary in waiting:
            kept = await self.letters.get(summary.letter_id)
            if kept is None or kept.at != summary.at:
                done.skipped += 1
            else:
                try:
                    if await self.replay(kept, now()):
                        done.published += 1
                    else:
                        done.skipped += 1
                except Conflict as refusal:
                    done.refused[str(refusal)] += 1
            advance()


async def first(letters: AsyncIterator[LetterSummary], limit: int | None) -> list[LetterSummary]:
    """The first `limit` letters; None for all."""
    found: list[LetterSummary] = []
    if limit == 0:
        return found
    async for letter in letters:
        found.append(letter)
        if len(found) == limit:
            break
    return found
