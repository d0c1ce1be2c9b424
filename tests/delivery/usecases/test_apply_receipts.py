from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from crm.campaigns.campaign import Counts
from crm.delivery.log import LogRow
from crm.delivery.receipts import (
    FORGOTTEN,
    Quarantined,
    Receipt,
    ReceiptStatus,
    RowChange,
    SeenRow,
    UnmatchedReceipts,
    movements,
)
from crm.delivery.usecases import apply_receipts as module
from crm.delivery.usecases.apply_receipts import COMMIT_SIZE, PATIENCE, apply_receipts, join_early, join_kept
from crm.kernel.errors import Conflict, Unavailable

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Book:
    """A `ReceiptStore` in memory whose versions are numbers; `rivals` commits come in between first."""

    log: dict[str, LogRow]
    rivals: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    kept: dict[str, UnmatchedReceipts] = field(default_factory=dict)
    look_at: dict[str, datetime | None] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    commits: list[int] = field(default_factory=list)

    async def rows(self, message_ids: Sequence[str]) -> Mapping[str, SeenRow]:
        return {
            name: SeenRow(self.log[name], self.versions.get(name, 0))
            for name in message_ids
            if name in self.log
        }

    async def early(self, message_ids: Sequence[str]) -> Sequence[UnmatchedReceipts]:
        return [self.kept[name] for name in message_ids if name in self.kept]

    async def waiting(self, limit: int) -> Sequence[str]:
        return [name for name, entry in self.kept.items() if not entry.quarantined][:limit]

    async def to_look_at(self, now: datetime, limit: int) -> Sequence[str]:
        return [name for name, at in self.look_at.items() if at is not None and at <= now][:limit]

    async def commit(
        self,
        changes: Sequence[RowChange] = (),
        early: Sequence[Receipt] = (),
        joined: Sequence[UnmatchedReceipts] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> None:
        if self.rivals:
            self.rivals -= 1
            for change in changes:
                self._touch(change.after.message_id)
        if any(c.seen.etag != self.versions.get(c.after.message_id, 0) for c in changes):
            raise Conflict("somebody was faster")
        for change in changes:
            self.log[change.after.message_id] = change.after
            self._touch(change.after.message_id)
        for groups in movements(changes).values():
            self.counts += groups["all"]
        for receipt in early:
            known = self.kept.get(receipt.message_id)
            receipts = (*known.receipts, receipt) if known else (receipt,)
            self.kept[receipt.message_id] = UnmatchedReceipts(receipt.message_id, receipts, NOON, False, None)
        for entry in joined:
            del self.kept[entry.message_id]
            self.look_at.pop(entry.message_id, None)
        for each in quarantined:
            name = each.entry.message_id
            self.kept[name] = UnmatchedReceipts(name, each.entry.receipts, each.entry.since, True, None)
            self.look_at[name] = each.look_at
        self.commits.append(len(changes))

    def _touch(self, name: str) -> None:
        self.versions[name] = self.versions.get(name, 0) + 1


def row(name: str) -> LogRow:
    return LogRow(
        message_id=name,
        campaign_id="c1",
        customer_id=f"customer of {name}",
        chunk_id="0000-0000",
        shard=0,
        channel="simulator",
        status="accepted",
        updated_at=NOON,
    )


def receipt(name: str, status: ReceiptStatus = "delivered") -> Receipt:
    return Receipt(message_id=name, status=status, occurred_at=NOON + timedelta(seconds=5))


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.0)


async def test_rows_and_counters_move_together_once() -> None:
    book = Book({"a": row("a"), "b": row("b")})
    for _ in range(2):
        await apply_receipts(book, [receipt("a"), receipt("b", "failed"), receipt("a", "clicked")])
    assert [book.log[name].status for name in "ab"] == ["delivered", "failed"]
    assert book.counts == Counts(accepted=-2, delivered=1, failed=1, clicked=1)


async def test_a_commit_that_loses_reads_and_tries_again() -> None:
    book = Book({"a": row("a")}, rivals=3)
    await apply_receipts(book, [receipt("a")])
    assert book.log["a"].status == "delivered"
    assert book.counts == Counts(accepted=-1, delivered=1)


async def test_who_loses_too_often_says_so_and_has_changed_nothing() -> None:
    book = Book({"a": row("a")}, rivals=100)
    with pytest.raises(Unavailable):
        await apply_receipts(book, [receipt("a")])
    assert book.log["a"].status == "accepted"
    assert book.counts == Counts()


async def test_many_rows_are_changed_in_commits_of_bounded_size() -> None:
    names = [f"m{n}" for n in range(COMMIT_SIZE + 20)]
    book = Book({name: row(name) for name in names})
    reports = [receipt(name) for name in names] + [receipt(name, "opened") for name in names]
    await apply_receipts(book, reports)
    assert book.commits == [COMMIT_SIZE, 20]
    assert book.counts == Counts(accepted=-len(names), delivered=len(names), opened=len(names))


async def test_a_receipt_before_its_row_is_kept_and_joined_later() -> None:
    book = Book({})
    await apply_receipts(book, [receipt("a"), receipt("a", "opened"), receipt("b")])
    assert await join_early(book, 10, NOON) == 0
    assert set(book.kept) == {"a", "b"}
    book.log["a"] = row("a")
    assert await join_early(book, 10, NOON) == 1
    assert set(book.kept) == {"b"}
    assert book.counts == Counts(accepted=-1, delivered=1, opened=1)


async def test_what_waits_too_long_is_quarantined_and_still_joined_on_demand() -> None:
    book = Book({})
    await apply_receipts(book, [receipt("a")])
    late = NOON + PATIENCE + timedelta(seconds=1)
    assert await join_early(book, 10, late) == 0
    assert book.kept["a"].quarantined
    book.log["a"] = row("a")
    assert await join_early(book, 10, late) == 0  # its turn is not yet
    assert await join_kept(book, ["a", "b"], late) == 1
    assert book.log["a"].status == "delivered"
    assert book.kept == {}


async def test_what_is_quarantined_is_looked_at_each_time_its_age_has_doubled() -> None:
    book = Book({})
    await apply_receipts(book, [receipt("a", "failed")])
    age = PATIENCE + timedelta(seconds=1)
    for _ in range(4):
        await join_early(book, 10, NOON + age)
        assert book.look_at["a"] == NOON + 2 * age
        age *= 2
    book.log["a"] = row("a")
    assert await join_early(book, 10, NOON + age - timedelta(seconds=1)) == 0
    assert await join_early(book, 10, NOON + age) == 1
    assert (book.log["a"].status, book.kept) == ("failed", {})


async def test_nobody_looks_for_ever() -> None:
    book = Book({})
    await apply_receipts(book, [receipt("a")])
    await join_early(book, 10, NOON + FORGOTTEN)
    assert book.look_at == {"a": None}
    assert set(book.kept) == {"a"}
