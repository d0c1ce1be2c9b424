"""Commits and their preconditions, on the real emulator."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions as api

from crm.platform.firestore import documents
from crm.platform.firestore.client import client
from crm.platform.firestore.commits import Commit, field_path

pytestmark = pytest.mark.emulator


async def create(project: str, path: str, fields: dict[str, Any]) -> Any:
    """Create a document; returns its etag."""
    commit = Commit(client(project))
    commit.create(path, fields)
    (etag,) = await commit.send()
    return etag


async def fields_of(project: str, path: str) -> dict[str, Any] | None:
    stored = await documents.get(client(project), path)
    return stored and stored.fields


async def test_an_existing_document_fails_the_whole_commit(project: str) -> None:
    await create(project, "things/a", {})
    commit = Commit(client(project))
    commit.create("things/b", {})
    commit.create("things/a", {})
    with pytest.raises(api.AlreadyExists):
        await commit.send()
    assert await fields_of(project, "things/b") is None


async def test_a_create_can_store_the_time_of_the_commit(project: str) -> None:
    commit = Commit(client(project))
    commit.create("things/a", {"x": 1}, server_time="at")
    await commit.send()
    stored = await documents.get(client(project), "things/a")
    assert stored is not None
    assert abs(stored.fields["at"] - stored.created_at) < timedelta(seconds=1)
    assert abs(stored.fields["at"] - datetime.now(UTC)) < timedelta(minutes=1)


async def test_an_update_keeps_other_fields_and_requires_its_etag(project: str) -> None:
    etag = await create(project, "things/a", {"x": 1, "y": 1})
    commit = Commit(client(project))
    commit.update("things/a", {"y": 2}, etag)
    await commit.send()
    assert await fields_of(project, "things/a") == {"x": 1, "y": 2}
    with pytest.raises(api.FailedPrecondition):
        await commit.send()


async def test_an_update_removes_fields(project: str) -> None:
    etag = await create(project, "things/a", {"x": 1, "y": 1})
    commit = Commit(client(project))
    commit.update("things/a", {"x": 2}, etag, removed=["y"])
    assert 100 < commit.size < 300
    await commit.send()
    assert await fields_of(project, "things/a") == {"x": 2}


async def test_a_replacement_keeps_no_field_and_requires_its_etag(project: str) -> None:
    etag = await create(project, "things/a", {"x": 1, "y": 1})
    commit = Commit(client(project))
    commit.replace("things/a", {"y": 2}, etag)
    await commit.send()
    assert await fields_of(project, "things/a") == {"y": 2}
    with pytest.raises(api.FailedPrecondition):
        await commit.send()


async def test_a_change_requires_the_document_whatever_its_etag(project: str) -> None:
    commit = Commit(client(project))
    commit.change("things/a", {"y": 2})
    with pytest.raises(api.NotFound):
        await commit.send()
    await create(project, "things/a", {"x": 1})
    await commit.send()
    assert await fields_of(project, "things/a") == {"x": 1, "y": 2}


async def test_a_merge_creates_or_extends(project: str) -> None:
    for state, values in (("new", ["1", "2"]), ("old", ["2", "3"])):
        commit = Commit(client(project))
        commit.merge("things/a", {"state": state}, {"list": values})
        await commit.send()
    assert await fields_of(project, "things/a") == {"state": "old", "list": ["1", "2", "3"]}


async def test_a_merge_adds_to_numbers_within_maps_whatever_their_names(project: str) -> None:
    for by in (2, 3):
        commit = Commit(client(project))
        commit.merge("things/a", {}, add={field_path("all", "sent"): by, field_path("b:é `1.2", "sent"): by})
        await commit.send()
    assert await fields_of(project, "things/a") == {"all": {"sent": 5}, "b:é `1.2": {"sent": 5}}


async def test_an_increment_keeps_other_fields(project: str) -> None:
    await create(project, "things/a", {"x": 1, "y": 1})
    commit = Commit(client(project))
    commit.increment("things/a", "x", 4)
    await commit.send()
    assert await fields_of(project, "things/a") == {"x": 5, "y": 1}


async def test_an_increment_creates_no_document(project: str) -> None:
    commit = Commit(client(project))
    commit.increment("things/a", "x", 4)
    with pytest.raises(api.NotFound):
        await commit.send()


async def test_a_delete_requires_its_etag(project: str) -> None:
    etag = await create(project, "things/a", {})
    change = Commit(client(project))
    change.merge("things/a", {"x": 1})
    await change.send()
    commit = Commit(client(project))
    commit.delete("things/a", etag)
    with pytest.raises(api.FailedPrecondition):
        await commit.send()


async def test_an_empty_commit_writes_nothing(project: str) -> None:
    assert await Commit(client(project)).send() == []


ODD = ("a.b", "home.address", "straße", "Berlin 2", "2nd", "a`b", "a\\b", "*", "[0]")


@pytest.mark.parametrize("name", ODD)
async def test_a_field_is_meant_by_its_name_whatever_that_is(project: str, name: str) -> None:
    before = {name: 1, "a": {"b": "kept"}, "home": {"address": "kept"}}
    etag = await create(project, "things/a", before)

    updating = Commit(client(project))
    updating.update("things/a", {name: 2}, etag)
    await updating.send()
    changing = Commit(client(project))
    changing.change("things/a", {name: 3})
    await changing.send()
    merging = Commit(client(project))
    merging.merge("things/a", {name: 4}, append={f"{name}s": ["x"]})
    (etag,) = await merging.send()
    assert await fields_of(project, "things/a") == {**before, name: 4, f"{name}s": ["x"]}

    removing = Commit(client(project))
    removing.update("things/a", {}, etag, removed=[name, f"{name}s"])
    await removing.send()
    del before[name]
    assert await fields_of(project, "things/a") == before
