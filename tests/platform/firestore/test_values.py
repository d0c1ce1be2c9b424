"""Values survive storage, and are what the client library reads."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit
from crm.platform.firestore.values import encoded

FIELDS: dict[str, Any] = {
    "text": "é",
    "whole": 2**53,
    "number": 1.5,
    "flag": False,
    "nothing": None,
    "bytes": b"\x00\xff",
    "time": datetime(2026, 3, 1, 12, 0, 5, 123456, tzinfo=UTC),
    "list": ["a", 1, {"x": None}],
    "map": {"a": {"b": [True]}},
    "empty": {"list": [], "map": {}},
}


@pytest.mark.emulator
async def test_what_is_written_is_what_the_client_library_reads(project: str) -> None:
    commit = Commit(client(project))
    commit.create("things/a", FIELDS)
    await commit.send()
    snapshot = await client(project).document("things/a").get()
    assert snapshot.to_dict() == FIELDS
    stored = await documents.get(client(project), "things/a")
    assert stored is not None
    assert stored.fields == FIELDS


def test_a_type_that_firestore_cannot_store_is_refused() -> None:
    with pytest.raises(TypeError, match="date"):
        encoded(date(2026, 3, 1))
