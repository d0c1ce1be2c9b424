"""Many letters are replayed once each, whatever happens in between."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.dead_letters import DeadLetter, KeptLetter, LetterSummary
from crm.customers.usecases.replay_dead_letter import ReplayDeadLetter
from crm.customers.usecases.replay_dead_letters import ReplayDeadLetters, Replayed, first
from crm.kernel.errors import Unavailable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Memory:
    """Stored letters and a broker. After `breaks_after` messages the broker is away."""

    def __init__(self, *letters: DeadLetter, breaks_after: int = 1_000) -> None:
        self.breaks_after = breaks_after
        self.published: list[bytes] = []
        self.letters = {letter.id: kept(letter) for letter in letters}

    async def get(self, letter_id: str) -> KeptLetter | None:
        return self.letters.get(letter_id)

    async def mark_replayed(self, kept: KeptLetter, now: datetime) -> None:
        self.letters[kept.letter_id] = replace(self.letters[kept.letter_id], replayed_at=now)

    async def publish(
        self, topic: str, messages: Sequence[bytes], attributes: Mapping[str, str] | None = None
    ) -> None:
        if len(self.published) >= self.breaks_after:
            raise Unavailable("The message broker does not answer.")
        self.published += messages

    @property
    def open(self) -> list[LetterSummary]:
        return [each.summary for each in self.letters.values() if each.replayed_at is None]


def letter(number: int, source: str = "records") -> DeadLetter:
    return DeadLetter(source=source, reason="why", payload=b"%d" % number)


def kept(letter: DeadLetter) -> KeptLetter:
    return KeptLetter(
        letter=letter,
        letter_id=letter.id,
        at=NOW,
        expires_at=NOW + timedelta(days=30),
        times=1,
        whole=True,
        replayed_at=None,
        etag=None,
    )


async def replayed(memory: Memory, listed: Sequence[LetterSummary]) -> tuple[Replayed, int]:
    """What became of them, and how many steps of progress there were."""
    steps: list[None] = []
    replay = ReplayDeadLetter(letters=memory, broker=memory, topics={"records"})
    done = await ReplayDeadLetters(letters=memory, replay=replay)(
        listed, lambda: NOW, lambda: steps.append(None)
    )
    return done, len(steps)


async def test_each_letter_is_published_once() -> None:
    memory = Memory(*map(letter, range(30)))
    assert await replayed(memory, memory.open) == (Replayed(published=30), 30)
    assert sorted(memory.published, key=int) == [b"%d" % n for n in range(30)]
    assert memory.open == []


async def test_after_an_interruption_a_fresh_list_goes_on_where_it_stopped() -> None:
    memory = Memory(*map(letter, range(30)), breaks_after=11)
    with pytest.raises(Unavailable):
        await replayed(memory, memory.open)
    assert len(memory.open) == 19
    memory.breaks_after = 1_000
    await replayed(memory, memory.open)
    assert sorted(memory.published, key=int) == [b"%d" % n for n in range(30)]


async def test_what_has_changed_since_it_was_listed_is_left_out() -> None:
    memory = Memory(*map(letter, range(4)))
    listed = memory.open
    by_another, failed_again, gone, left = memory.letters
    await memory.mark_replayed(memory.letters[by_another], NOW)
    memory.letters[failed_again] = replace(memory.letters[failed_again], at=NOW + timedelta(minutes=1))
    del memory.letters[gone]
    assert (await replayed(memory, listed))[0] == Replayed(published=1, skipped=3)
    assert memory.published == [memory.letters[left].letter.payload]


async def test_what_cannot_be_replayed_stops_no_other() -> None:
    memory = Memory(letter(1, "elsewhere"), letter(2), letter(3, "elsewhere"))
    done, steps = await replayed(memory, memory.open)
    assert (done.published, steps) == (1, 3)
    ((why, count),) = done.refused.items()
    assert ("no topic of ours" in why, count) == (True, 2)


async def test_the_first_ones_are_listed() -> None:
    async def letters() -> AsyncIterator[LetterSummary]:
        for number in range(5):
            yield kept(letter(number)).summary

    everything = [each async for each in letters()]
    assert await first(letters(), None) == everything
    assert await first(letters(), 2) == everything[:2]
