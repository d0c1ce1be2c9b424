"""Finishing erasures: every snapshot and import is reached, also by a call that goes on from another."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.customer_key import customer_key
from crm.kernel.errors import Unavailable
from crm.privacy.erasure_queue import PendingErasure
from crm.privacy.usecases import finish_erasures
from crm.privacy.usecases.finish_erasures import SETTLED, FinishErasures

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MIRA = PendingErasure(key="customer-1", what="customer", name="C-1", at=NOW - SETTLED - timedelta(1))
OLD_SEGMENT = PendingErasure(key="segment-9", what="segment", name="s9", at=MIRA.at)


class Memory:
    """The queue, the segments and the imports in memory; `fails_at` is a segment that cannot be changed."""

    def __init__(self, *erasures: PendingErasure, segments: int = 0) -> None:
        self.queue = {erasure.key: erasure for erasure in erasures}
        self.members = {f"s{number}": {"C-1", "C-2"} for number in range(segments)}
        self.visited: list[str] = []
        self.purged: list[str] = []
        self.imported = {"C-1", "C-2"}
        self.named = {customer_key(name) for name in ("C-1", "C-2")}
        self.mentioned = {"C-1", "C-2"}
        self.fails_at = ""

    @property
    def finish(self) -> FinishErasures:
        return FinishErasures(
            queue=self, segments=Segments(self), imports=Imports(self), letters=Letters(self)
        )

    async def due(self, queued_before: datetime, limit: int) -> Sequence[PendingErasure]:
        return [erasure for erasure in self.queue.values() if erasure.at < queued_before][:limit]

    async def save_progress(self, erasures: Sequence[PendingErasure], after: str) -> None:
        self.queue |= {erasure.key: replace(erasure, after=after) for erasure in erasures}

    async def remove(self, erasures: Sequence[PendingErasure]) -> None:
        for erasure in erasures:
            self.queue.pop(erasure.key)


class Letters:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def erase_customer(self, key: str) -> None:
        self._memory.named.discard(key)

    async def erase_mentions(self, customer_ids: Collection[str]) -> None:
        self._memory.mentioned -= set(customer_ids)


class Segments:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def segment_ids(self, after: str | None, limit: int) -> Sequence[str]:
        return [name for name in sorted(self._memory.members) if name > (after or "")][:limit]

    async def erase_customers(self, segment_id: str, customer_ids: Collection[str]) -> None:
        if segment_id == self._memory.fails_at:
            raise Unavailable("away")
        self._memory.visited.append(segment_id)
        self._memory.members[segment_id] -= set(customer_ids)

    async def purge_segment(self, segment_id: str, limit: int) -> bool:
        self._memory.purged.append(segment_id)
        return len(self._memory.purged) == 2


class Imports:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def erase_customers(self, customer_ids: Collection[str]) -> None:
        self._memory.imported -= set(customer_ids)


async def test_an_erased_customer_is_removed_from_every_segment_import_and_letter() -> None:
    memory = Memory(MIRA, segments=3)
    await memory.finish(NOW)
    assert set(map(frozenset, memory.members.values())) == {frozenset({"C-2"})}
    assert memory.imported == {"C-2"}
    assert memory.named == {customer_key("C-2")}
    assert memory.mentioned == {"C-2"}
    assert memory.queue == {}


async def test_an_erasure_waits_until_no_request_can_write_data_read_before() -> None:
    memory = Memory(replace(MIRA, at=NOW - SETTLED), segments=1)
    await memory.finish(NOW)
    assert memory.visited == []
    assert len(memory.queue) == 1


async def test_an_interrupted_call_is_continued_after_the_segments_that_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finish_erasures, "PAGE", 2)
    memory = Memory(MIRA, segments=5)
    memory.fails_at = "s3"
    with pytest.raises(Unavailable):
        await memory.finish(NOW)
    memory.fails_at = ""
    await memory.finish(NOW)
    assert memory.visited == ["s0", "s1", "s2", "s2", "s3", "s4"]
    assert memory.queue == {}


async def test_a_deleted_segment_is_purged_step_by_step() -> None:
    memory = Memory(OLD_SEGMENT, segments=1)
    await memory.finish(NOW)
    assert memory.purged == ["s9", "s9"]
    assert memory.visited == []
    assert memory.queue == {}
