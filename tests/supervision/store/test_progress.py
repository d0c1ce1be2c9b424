"""The progress of campaigns in Firestore."""

from dataclasses import replace

import pytest

from crm.platform.firestore.client import client
from crm.supervision.progress import Progress
from crm.supervision.store.progress import FirestoreProgress
from tests.builders import NOON

pytestmark = pytest.mark.emulator


async def test_progress_is_read_as_it_was_saved(project: str) -> None:
    store = FirestoreProgress(client(project))
    first = Progress(pending=3, accepted=1, since=NOON)
    second = replace(first, pending=0, alarmed=True, checked_at=NOON)
    await store.save("c1", first)
    await store.save("c2", first)
    await store.save("c2", second)
    assert await store.of_campaigns(["c1", "c2", "c3"]) == {"c1": first, "c2": second}
    assert await store.of_campaigns([]) == {}
