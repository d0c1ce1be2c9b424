"""What the recorder names at the end of a run."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.cloud.firestore import AsyncClient, FieldFilter

from crm.delivery.store.frozen_audiences import FrozenAudiences
from crm.platform.firestore.client import client
from tests.infra.call_sites import unasked
from tests.infra.shapes import ASCENDING, DESCENDING, Shape
from tests.recorder import Recorder, is_whole, recorder

CODE = """async def one(client, query):
    found = await documents.query(
        client, query
    )
    stream = query.stream()
    async for each in stream:
        pass
    try:
        return await documents.count(client, query)
    except KeyError:
        for each in (await documents.query(client,
                                     query)).documents:
            pass
"""

SERVED = Shape("orders", False, (("customer_key", ASCENDING),), ())
REFUSED = Shape("communication_log", False, (("campaign_id", ASCENDING),), (("updated_at", DESCENDING),))


def test_a_query_that_the_cloud_would_refuse_is_named_with_its_place() -> None:
    seen = Recorder()
    seen.queries = {SERVED: "crm/a.py:1", REFUSED: "crm/b.py:2"}
    seen.publishes = {("ingest", "records"), ("ingest", "chunks")}
    seen.writers = {"consumer", "ingest"}

    query, publish, write = seen.faults()
    assert "communication_log: campaign_id == …, order by updated_at descending (crm/b.py:2)" in query
    assert publish.startswith("the function ingest publishes to chunks")
    assert write.startswith("the function ingest writes to the database")


def test_after_all_tests_unneeded_indexes_are_named() -> None:
    seen = Recorder()
    seen.queries = {SERVED: "crm/a.py:1"}

    faults = seen.faults(whole=True)
    assert "no query needs the index communication_log: campaign_id, status" in faults
    assert not any("orders: customer_key" in fault for fault in faults)
    assert any(fault.startswith("no test asks the query at crm/") for fault in faults)
    assert seen.faults() == []


def test_lines_that_ask_are_found_in_whatever_statement_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(CODE)

    assert unasked([file], tmp_path, []) == ["a.py:2", "a.py:5", "a.py:9", "a.py:11"]
    assert unasked([file], tmp_path, ["a.py:3", "a.py:6", "a.py:12"]) == ["a.py:9"]


def test_a_run_is_whole_where_nothing_was_chosen_and_nothing_failed(request: pytest.FixtureRequest) -> None:
    options = {"keyword": "", "markexpr": "", "lf": False, "deselect": None, "collectonly": False}
    source = request.config.ArgsSource

    def run(args_source: object = source.TESTPATHS, exitstatus: int = 0, **chosen: object) -> bool:
        option = SimpleNamespace(**options | chosen)
        return is_whole(cast(Any, SimpleNamespace(option=option, args_source=args_source)), exitstatus)

    assert request.config.option.__dict__.keys() >= options.keys()
    assert run()
    assert not run(source.ARGS)
    assert not run(exitstatus=1)
    assert not run(keyword="orders")
    assert not run(deselect=["tests/e2e"])


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
    assert place.startswith("crm/delivery/store/frozen_audiences.py:")
