"""What is still to be forgotten, in the real database."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.platform.firestore.client import client
from crm.privacy.store.erasure_queue import COLLECTION, ErasureQueue, note_customer

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_two_ticks_at_once_leave_nothing_behind(project: str) -> None:
    """The one that is slower tells how far it came when the other has struck the customer off."""
    database = client(project)
    batch = database.batch()
    note_customer(database, batch, "C-1", NOW)
    await batch.commit()
    things = ErasureQueue(database)
    due = await things.before(NOW + timedelta(seconds=1), 10)
    await things.reached(due, "s1")
    assert [each.after for each in await things.before(NOW + timedelta(seconds=1), 10)] == ["s1"]
    await things.done(due)
    await things.reached(due, "s2")
    assert await database.collection(COLLECTION).get() == []
