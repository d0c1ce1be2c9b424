"""Frozen lists in memory. A part is a document of its own, so whoever is killed leaves some."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crm.domain.freezing import FrozenList, FrozenPart
from tests.proof.memory import Database, ListHead, Store
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
        return None if stored is None else FrozenPart(customer_ids=stored.value, token=stored.version)

    @asked(away)
    def left(self, name: str, limit: int) -> Sequence[int]:
        return self._left(name)[:limit]

    @asked(away)
    def to_check(self, now: datetime, limit: int) -> Sequence[FrozenList]:
        return [
            FrozenList(name=name, campaign_id=head.value.campaign_id, token=head.version)
            for name, head in self.db.lists.items()
            if head.value.check_at <= now
        ][:limit]

    @asked(conflict)
    def check_later(self, wanted: FrozenList, check_at: datetime) -> None:
        self.db.lists.require(wanted.name, wanted.token)
        head = self.db.lists[wanted.name].value
        self.db.put(self.db.lists, wanted.name, replace(head, check_at=check_at))
        self.db.committed()

    async def drop(self, unwanted: FrozenList) -> None:
        await self._mark_dropped(unwanted)
        await self.forget(unwanted.name)

    async def forget(self, name: str) -> None:
        for number in self._left(name):
            await self._delete_part(f"{name}/{number}")
        await self._delete_head(name)

    def _left(self, name: str) -> list[int]:
        return sorted(int(each.rpartition("/")[2]) for each in self.db.parts if each.startswith(f"{name}/"))

    @asked(away)
    def _begin(self, name: str, campaign_id: str, check_at: datetime) -> FrozenList:
        self.db.put(self.db.lists, name, ListHead(campaign_id=campaign_id, check_at=check_at))
        self.db.committed()
        return FrozenList(name=name, campaign_id=campaign_id, token=self.db.lists[name].version)

    @asked(away)
    def _add(self, frozen: FrozenList, number: int, part: Sequence[str]) -> FrozenList:
        stored = self.db.lists.get(frozen.name)
        if stored is None or stored.version != frozen.token:
            away()
        self.db.put(self.db.lists, frozen.name, replace(stored.value, parts=number + 1))
        self.db.put(self.db.parts, f"{frozen.name}/{number}", tuple(part))
        self.db.committed()
        return replace(frozen, token=self.db.lists[frozen.name].version)

    @asked(conflict)
    def _mark_dropped(self, unwanted: FrozenList) -> None:
        self.db.lists.require(unwanted.name, unwanted.token)
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
