"""Unmatched receipts are joined once their row is there, and looked at ever more rarely."""

from datetime import datetime, timedelta

from crm.campaigns.campaign import Counts
from crm.delivery.log import LogRow
from crm.delivery.receipts import ReceiptStatus
from crm.delivery.unmatched_receipts import FORGOTTEN, QUARANTINE_AFTER
from crm.delivery.usecases.apply_receipts import ApplyReceipts
from crm.delivery.usecases.join_unmatched import JoinUnmatched
from crm.delivery.usecases.join_waiting import JoinWaiting
from tests.builders import NOON
from tests.proof.ledgers import Receipts
from tests.proof.memory import Database
from tests.receipts import receipt, row
from tests.support import no_pause

LATE, MISSING = row(0), row(1)


class Store(Receipts):
    """An empty store, with what the use cases do to it."""

    def __init__(self) -> None:
        super().__init__(Database(), lambda: NOON)

    async def gets(self, one: LogRow, *statuses: ReceiptStatus) -> None:
        receipts = [receipt(one, status) for status in statuses]
        await ApplyReceipts(receipts=self, pause=no_pause)(receipts)

    def writes(self, one: LogRow) -> None:
        self.db.put(self.db.rows, one.message_id, one)
        self.db.committed()

    async def joins(self, now: datetime) -> int:
        return await JoinWaiting(receipts=self, join_unmatched=self.join_unmatched)(now)

    @property
    def join_unmatched(self) -> JoinUnmatched:
        return JoinUnmatched(receipts=self, pause=no_pause)

    @property
    def retry_at(self) -> datetime | None:
        return self.db.unmatched[LATE.message_id].value.retry_at


async def test_receipts_are_joined_once_their_row_is_there() -> None:
    store = Store()
    await store.gets(LATE, "delivered", "opened")
    await store.gets(MISSING, "delivered")
    assert await store.joins(NOON) == 0
    store.writes(LATE)
    assert await store.joins(NOON) == 1
    assert set(store.db.unmatched) == {MISSING.message_id}
    assert store.db.counters["c1"][0]["all"] == Counts(accepted=-1, delivered=1, opened=1)


async def test_receipts_that_wait_too_long_are_quarantined_and_still_joined_on_demand() -> None:
    store = Store()
    await store.gets(LATE, "delivered")
    late = NOON + QUARANTINE_AFTER + timedelta(seconds=1)
    assert await store.joins(late) == 0
    assert store.db.unmatched[LATE.message_id].value.quarantined
    store.writes(LATE)
    assert await store.joins(late) == 0  # not due yet
    assert await store.join_unmatched([LATE.message_id, MISSING.message_id], late) == 1
    assert store.db.rows[LATE.message_id].value.status == "delivered"
    assert store.db.unmatched == {}


async def test_receipts_in_quarantine_are_looked_at_each_time_their_age_has_doubled() -> None:
    store = Store()
    await store.gets(LATE, "failed")
    age = QUARANTINE_AFTER + timedelta(seconds=1)
    for _ in range(4):
        await store.joins(NOON + age)
        assert store.retry_at == NOON + 2 * age
        age *= 2
    store.writes(LATE)
    assert await store.joins(NOON + age - timedelta(seconds=1)) == 0
    assert await store.joins(NOON + age) == 1
    assert store.db.rows[LATE.message_id].value.status == "failed"
    assert store.db.unmatched == {}


async def test_after_sixty_days_the_row_is_no_longer_looked_for() -> None:
    store = Store()
    await store.gets(LATE, "delivered")
    await store.joins(NOON + FORGOTTEN)
    assert store.retry_at is None
    assert set(store.db.unmatched) == {LATE.message_id}
