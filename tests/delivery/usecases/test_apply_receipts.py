"""Applying receipts: rows and counters change together, once, whatever else is committed meanwhile."""

from collections.abc import Sequence

import pytest

from crm.campaigns.campaign import Counts
from crm.delivery.log import LogRow
from crm.delivery.receipt_commits import COMMIT_SIZE
from crm.delivery.receipts import Receipt
from crm.delivery.row_changes import RowChange
from crm.delivery.unmatched_receipts import Quarantined, UnmatchedReceipts
from crm.delivery.usecases.apply_receipts import ApplyReceipts
from crm.kernel.errors import Conflict, Unavailable
from tests.builders import NOON
from tests.proof.ledgers import Receipts
from tests.proof.memory import Database
from tests.receipts import receipt, row
from tests.support import no_pause


class BusyReceipts(Receipts):
    """A store in which as many commits as `rivals` conflict with others."""

    def __init__(self, rows: Sequence[LogRow] = (), rivals: int = 0) -> None:
        super().__init__(Database(), lambda: NOON)
        self.rivals = rivals
        self.commits: list[int] = []
        for each in rows:
            self.db.put(self.db.rows, each.message_id, each)
        self.db.committed()

    async def commit(
        self,
        changes: Sequence[RowChange] = (),
        unmatched: Sequence[Receipt] = (),
        joined: Sequence[UnmatchedReceipts] = (),
        quarantined: Sequence[Quarantined] = (),
    ) -> None:
        if self.rivals:
            self.rivals -= 1
            raise Conflict("another worker was faster")
        await super().commit(changes, unmatched, joined, quarantined)
        self.commits.append(len(changes))

    def row(self, one: LogRow) -> LogRow:
        return self.db.rows[one.message_id].value

    @property
    def counts(self) -> Counts:
        shards = self.db.counters.get("c1", {}).values()
        return sum((shard["all"] for shard in shards), Counts())


async def apply(store: Receipts, *receipts: Receipt) -> None:
    await ApplyReceipts(receipts=store, pause=no_pause)(receipts)


async def test_rows_and_counters_change_together_once() -> None:
    store = BusyReceipts([row(0), row(1)])
    for _ in range(2):
        await apply(store, receipt(row(0)), receipt(row(1), "failed"), receipt(row(0), "clicked"))
    assert [store.row(row(n)).status for n in (0, 1)] == ["delivered", "failed"]
    assert store.counts == Counts(accepted=-2, delivered=1, failed=1, clicked=1)


async def test_a_commit_that_conflicts_reads_and_tries_again() -> None:
    store = BusyReceipts([row(0)], rivals=3)
    await apply(store, receipt(row(0)))
    assert store.row(row(0)).status == "delivered"
    assert store.counts == Counts(accepted=-1, delivered=1)


async def test_too_many_conflicts_are_unavailable_and_change_nothing() -> None:
    store = BusyReceipts([row(0)], rivals=100)
    with pytest.raises(Unavailable):
        await apply(store, receipt(row(0)))
    assert store.row(row(0)).status == "accepted"
    assert store.counts == Counts()


async def test_many_rows_are_changed_in_commits_of_bounded_size() -> None:
    rows = [row(n) for n in range(COMMIT_SIZE + 20)]
    store = BusyReceipts(rows)
    await apply(store, *(receipt(each) for each in rows), *(receipt(each, "opened") for each in rows))
    assert store.commits == [COMMIT_SIZE, 20]
    assert store.counts == Counts(accepted=-len(rows), delivered=len(rows), opened=len(rows))


async def test_a_receipt_without_a_row_is_stored_once() -> None:
    store = BusyReceipts([row(1)])
    for _ in range(2):
        await apply(store, receipt(row(0)), receipt(row(1)))
    (entry,) = await store.unmatched([row(0).message_id])
    assert entry.receipts == (receipt(row(0)),)
    assert store.row(row(1)).status == "delivered"
