"""What the recorder names at the end of a run."""

from typing import Any

import pytest
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.adapters.firestore.chunks import FrozenAudiences
from crm.adapters.firestore.client import client
from tests.infra.shapes import ASCENDING, DESCENDING, Shape
from tests.recorder import Recorder, recorder

SERVED = Shape("orders", False, (("customer_id", ASCENDING),), ())
REFUSED = Shape("communication_log", False, (("campaign_id", ASCENDING),), (("updated_at", DESCENDING),))


def test_what_the_cloud_would_refuse_is_named_with_its_place() -> None:
    seen = Recorder()
    seen.queries = {SERVED: "crm/a.py:1", REFUSED: "crm/b.py:2"}
    seen.publishes = {("ingest", "records"), ("ingest", "chunks")}
    seen.writers = {"consumer", "ingest"}

    query, publish, write = seen.faults()
    assert "communication_log: campaign_id == …, order by updated_at descending (crm/b.py:2)" in query
    assert publish.startswith("the function ingest publishes to chunks")
    assert write.startswith("the function ingest writes to the database")


@pytest.mark.emulator
async def test_queries_of_the_code_are_seen_and_those_of_tests_are_not(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries: dict[Shape, str] = {}
    monkeypatch.setattr(recorder, "queries", queries)
    database: AsyncClient = client(project)
    chunks: Any = database.collection("campaigns").document("c1").collection("chunks")

    await chunks.where(filter=FieldFilter("shard", "==", 1)).get()
    assert queries == {}
    await FrozenAudiences(database).pending("c1")
    ((shape, place),) = queries.items()
    assert shape == Shape("chunks", False, (("state", ASCENDING),), ())
    assert place.startswith("crm/adapters/firestore/chunks.py:")
