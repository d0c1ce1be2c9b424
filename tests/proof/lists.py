"""The frozen audience in memory: lists, whose parts are documents of their own, and chunks made of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crm.campaigns.campaign import Campaign
from crm.campaigns.frozen_list import FrozenList, FrozenPart
from crm.delivery.chunk import Chunk
from crm.delivery.freezing import FrozenPartition
from tests.proof.memory import Database, ListHead, Store, Work, chunk_name
from tests.proof.stage import asked, away, conflict


class Lists(Store):
    """`FrozenLists`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._written = 0

    async def write(
        self, campaign_id: str, partitions: Sequence[Sequence[str]], check_at: datetime
    ) -> FrozenList:
        self._written += 1
        frozen = await self._begin(f"list-{self._written}", campaign_id, check_at)
        for number, part in enumerate(partitions):
            frozen = await self._add(frozen, number, part)
        return frozen

    @asked(away)
    def part(self, name: str, number: int) -> FrozenPart | None:
        stored = self.db.parts.get(f"{name}/{number}")
        return None if stored is None else FrozenPart(customer_keys=stored.value, etag=stored.version)

    @asked(away)
    def remaining(self, name: str, limit: int) -> Sequence[int]:
        return self._remaining(name)[:limit]

    @asked(away)
    def to_check(self, now: datetime, limit: int) -> Sequence[FrozenList]:
        return [
            FrozenList(name=name, campaign_id=head.value.campaign_id, etag=head.version)
            for name, head in self.db.lists.items()
            if head.value.check_at <= now
        ][:limit]

    @asked(conflict)
    def check_later(self, wanted: FrozenList, check_at: datetime) -> None:
        self.db.lists.require(wanted.name, wanted.etag)
        head = self.db.lists[wanted.name].value
        self.db.put(self.db.lists, wanted.name, replace(head, check_at=check_at))
        self.db.committed()

    async def drop(self, unwanted: FrozenList) -> None:
        await self._mark_dropped(unwanted)
        await self.delete(unwanted.name)

    async def delete(self, name: str) -> None:
        for number in self._remaining(name):
            await self._delete_part(f"{name}/{number}")
        await self._delete_head(name)

    def _remaining(self, name: str) -> list[int]:
        return sorted(int(each.rpartition("/")[2]) for each in self.db.parts if each.startswith(f"{name}/"))

    @asked(away)
    def _begin(self, name: str, campaign_id: str, check_at: datetime) -> FrozenList:
        self.db.put(self.db.lists, name, ListHead(campaign_id=campaign_id, check_at=check_at))
        self.db.committed()
        return FrozenList(name=name, campaign_id=campaign_id, etag=self.db.lists[name].version)

    @asked(away)
    def _add(self, frozen: FrozenList, number: int, part: Sequence[str]) -> FrozenList:
        stored = self.db.lists.get(frozen.name)
        if stored is None or stored.version != frozen.etag:
            away()
        self.db.put(self.db.lists, frozen.name, replace(stored.value, parts=number + 1))
        self.db.put(self.db.parts, f"{frozen.name}/{number}", tuple(part))
        self.db.committed()
        return replace(frozen, etag=self.db.lists[frozen.name].version)

    @asked(conflict)
    def _mark_dropped(self, unwanted: FrozenList) -> None:
        self.db.lists.require(unwanted.name, unwanted.etag)
        head = self.db.lists[unwanted.name].value
        self.db.put(self.db.lists, unwanted.name, replace(head, state="dropped"))
        self.db.committed()

    @asked(away)
    def _delete_part(self, name: str) -> None:
        self.db.parts.pop(name, None)
        self.db.committed()

    @asked(away)
    def _delete_head(self, name: str) -> None:
        self.db.lists.pop(name, None)
        self.db.committed()


class Audiences(Store):
    """`FrozenAudience`."""

    @asked(conflict)
    def freeze(
        self, campaign: Campaign, partition: int, part: FrozenPart, chunks: Sequence[Chunk], due_at: datetime
    ) -> None:
        marker = f"{campaign.campaign_id}/{partition}"
        self.db.parts.require(f"{campaign.frozen_list}/{partition}", part.etag)
        self.db.partitions.require(marker, None)
        for chunk in chunks:
            self.db.chunks.require(chunk_name(chunk), None)
        recipients = sum(len(chunk.customer_keys) for chunk in chunks)
        frozen = FrozenPartition(partition=partition, recipients=recipients, chunks=len(chunks))
        del self.db.parts[f"{campaign.frozen_list}/{partition}"]
        self.db.put(self.db.partitions, marker, frozen)
        for chunk in chunks:
            self.db.put(self.db.chunks, chunk_name(chunk), Work(chunk=chunk, due_at=due_at))
        self.db.committed()

    @asked(away)
    def frozen(self, campaign_id: str, partitions: int) -> Mapping[int, FrozenPartition]:
        found = (self.db.partitions.get(f"{campaign_id}/{n}") for n in range(partitions))
        return {stored.value.partition: stored.value for stored in found if stored is not None}

    @asked(away)
    def discard(self, campaign_id: str) -> None:
        for table in (self.db.chunks, self.db.partitions):
            for name in [each for each in table if each.startswith(f"{campaign_id}/")]:
                del table[name]
        self.db.committed()

    @asked(away)
    def pending(self, campaign_id: str) -> Sequence[str]:
        return [work.chunk.chunk_id for work in self._works(campaign_id) if work.chunk.state == "pending"]

    @asked(away)
    def due(self, campaign_id: str, now: datetime, limit: int) -> Sequence[str]:
        due = [(w.due_at, w.chunk.chunk_id) for w in self._works(campaign_id) if w.due_at and w.due_at <= now]
        return [chunk_id for _, chunk_id in sorted(due)[:limit]]

    @asked(away)
    def postpone(self, campaign_id: str, chunk_ids: Sequence[str], now: datetime, until: datetime) -> None:
        for chunk_id in chunk_ids:
            name = f"{campaign_id}/{chunk_id}"
            work = self.db.chunks[name].value
            if work.due_at is not None and work.due_at <= now:
                self.db.put(self.db.chunks, name, replace(work, due_at=until))
                self.db.committed()

    @asked(away)
    def last_done(self, campaign_id: str) -> datetime | None:
        return max((work.done_at for work in self._works(campaign_id) if work.done_at), default=None)

    def _works(self, campaign_id: str) -> Iterable[Work]:
        return [work for work in self.db.chunks.values_of() if work.chunk.campaign_id == campaign_id]
