"""Imports that are repeated, stopped, killed, or sent several times concurrently: each row counts once."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from google.cloud.firestore import AsyncClient

from crm.customers.packs import unpack
from crm.customers.records import CustomerRecord
from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import Api
from tests.functions.campaigns.imports import PEOPLE, consumed, counts, sent, table
from tests.projection import Killed, killed_at

pytestmark = pytest.mark.emulator


async def test_the_same_import_again_changes_nothing(api: Api, published: list[bytes]) -> None:
    import_id = str(uuid4())
    first = await sent(api, PEOPLE, import_id=import_id)
    messages = list(published)
    await consumed(api, published)
    assert (await sent(api, PEOPLE, import_id=import_id)).json() == first.json()
    assert published == messages
    other = await sent(api, PEOPLE + "C-9,,,\n", import_id=import_id)
    assert other.status_code == 409


@pytest.mark.parametrize("commit", range(1, 5))
async def test_an_import_that_was_killed_goes_on_with_the_same_outcome(
    api: Api, published: list[bytes], commit: int
) -> None:
    text = "customer_id,visits\n" + "".join(f"C-{number},{number}\n" for number in range(900))
    mapping = {"customer_id": "customer_id", "visits": "visits"}
    import_id = str(uuid4())
    with killed_at(commit) as happened, pytest.raises(Killed):
        await sent(api, text, mapping, import_id)
    assert happened()
    await consumed(api, published)  # as far as it came
    answer = counts(await sent(api, text, mapping, import_id))
    assert answer == {"state": "done", "rows": 900, "created": 900, "updated": 0, "skipped": 0, "invalid": 0}
    await consumed(api, published)
    await consumed(api, published)
    stored = await documents.get_many(
        client(api.project), [f"customers/{each.id}" for each in await stored_customers(client(api.project))]
    )
    assert sorted(each.fields["visits"] for each in stored.values()) == list(range(900))


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_large_file_takes_several_calls_each_of_which_goes_on(
    api: Api, published: list[bytes], monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    monkeypatch.setattr("crm.imports.usecases.import_file.CONCURRENT_PARTS", 1)
    monkeypatch.setattr("campaigns_api.imports.MAX_SECONDS", 0.0)
    text = "customer_id,visits\n" + "".join(f"C-{number},{number}\n" for number in range(1200))
    mapping = {"customer_id": "customer_id", "visits": "visits"}
    import_id = str(uuid4())
    answers = [
        (await sent(api, text, mapping, import_id, dry_run=str(dry_run).lower())).json() for _ in range(4)
    ]
    going_on = "checking" if dry_run else "handing_over"
    assert [(answer["state"], answer["checked"], answer["created"]) for answer in answers] == [
        (going_on, 500, 500),
        (going_on, 1000, 1000),
        ("done", 1200, 1200),
        # A finished import is not repeated; a dry run is, because what is stored may have changed.
        (going_on, 500, 500) if dry_run else ("done", 1200, 1200),
    ]
    records = [record for message in published for record in unpack(message)]
    handed_over = [each.customer_id for each in records if isinstance(each, CustomerRecord)]
    assert handed_over == [f"C-{n}" for n in range(0 if dry_run else 1200)]
    assert len(await table(api, import_id)) == 1200


async def test_an_id_that_comes_again_after_a_stop_is_created_once(
    api: Api, published: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The consumer is slow: what the first calls handed over is not stored yet when the last one goes on."""
    monkeypatch.setattr("crm.imports.usecases.import_file.CONCURRENT_PARTS", 1)
    monkeypatch.setattr("campaigns_api.imports.MAX_SECONDS", 0.0)
    rows = [f"C-{number},{number}" for number in range(1100)] + ["C-0,7", "C-1,1"]
    text = "customer_id,visits\n" + "\n".join(rows) + "\n"
    mapping = {"customer_id": "customer_id", "visits": "visits"}
    import_id = str(uuid4())
    for _ in range(2):
        await sent(api, text, mapping, import_id)
    answer = counts(await sent(api, text, mapping, import_id))
    assert answer == {
        "state": "done",
        "rows": 1102,
        "created": 1100,
        "updated": 1,
        "skipped": 1,
        "invalid": 0,
    }
    assert [each["outcome"] for each in (await table(api, import_id))[-2:]] == ["updated", "skipped"]


async def stored_customers(database: AsyncClient) -> list[Any]:
    return [each async for each in database.collection("customers").list_documents()]


async def test_ten_concurrent_calls_are_one_import(api: Api, published: list[bytes]) -> None:
    import_id = str(uuid4())
    answers = await asyncio.gather(*(sent(api, PEOPLE, import_id=import_id) for _ in range(10)))
    assert {json.dumps(counts(answer)) for answer in answers} == {
        json.dumps({"state": "done", "rows": 3, "created": 2, "updated": 0, "skipped": 0, "invalid": 1})
    }
    assert len(set(published)) == 1
