"""Pending erasures in the real database."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from crm.privacy.store.erasure_queue import COLLECTION, ErasureQueue, add_customer

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_progress_of_a_slower_tick_does_not_bring_a_finished_erasure_back(project: str) -> None:
    database = client(project)
    commit = Commit(database)
    add_customer(commit, "C-1", NOW)
    await commit.send()
    queue = ErasureQueue(database)
    due = await queue.due(NOW + timedelta(seconds=1), 10)
    await queue.save_progress(due, "s1")
    assert [each.after for each in await queue.due(NOW + timedelta(seconds=1), 10)] == ["s1"]
    await queue.remove(due)
    await queue.save_progress(due, "s2")
    assert await database.collection(COLLECTION).get() == []


async def test_what_was_queued_again_since_stays(project: str) -> None:
    database = client(project)
    queue = ErasureQueue(database)
    for at in (NOW, NOW + timedelta(seconds=5)):
        for name in ("C-1", "C-2") if at == NOW else ("C-1",):
            commit = Commit(database)
            add_customer(commit, name, at)
            await commit.send()
        if at == NOW:
            due = await queue.due(NOW + timedelta(seconds=1), 10)
    await queue.remove(due)
    assert [each.name for each in await queue.due(NOW + timedelta(seconds=9), 10)] == ["C-1"]
