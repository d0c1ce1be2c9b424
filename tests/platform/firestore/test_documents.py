from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions as api

from crm.platform.firestore import documents
from crm.platform.firestore.client import client

pytestmark = pytest.mark.emulator

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


async def make(project: str, path: str, fields: dict[str, Any]) -> Any:
    """Create a document; answers its version."""
    commit = documents.Commit(client(project))
    commit.create(path, fields)
    await commit.send()
    return (await documents.read(client(project), [path]))[path].etag


async def fields_of(project: str, path: str) -> dict[str, Any]:
    return (await documents.read(client(project), [path]))[path].fields


async def test_what_is_written_is_what_the_client_library_reads(project: str) -> None:
    await make(project, "things/a", FIELDS)
    snapshot = await client(project).document("things/a").get()
    assert snapshot.to_dict() == FIELDS
    assert await fields_of(project, "things/a") == FIELDS


async def test_a_stamped_field_is_the_time_at_which_the_server_got_the_commit(project: str) -> None:
    commit = documents.Commit(client(project))
    commit.create("things/a", {"name": "a"}, stamped="at")
    (etag,) = await commit.send()
    stamp = (await fields_of(project, "things/a"))["at"]
    assert timedelta(0) <= documents.moment(etag) - stamp < timedelta(minutes=1)


async def test_what_does_not_exist_is_left_out(project: str) -> None:
    await make(project, "things/a", {})
    assert set(await documents.read(client(project), ["things/b", "things/a"])) == {"things/a"}
    assert await documents.read(client(project), []) == {}


async def test_one_document_that_exists_fails_the_whole_commit(project: str) -> None:
    await make(project, "things/a", {})
    commit = documents.Commit(client(project))
    commit.create("things/b", {})
    commit.create("things/a", {})
    with pytest.raises(api.AlreadyExists):
        await commit.send()
    assert set(await documents.read(client(project), ["things/a", "things/b"])) == {"things/a"}


async def test_an_update_keeps_other_fields_and_holds_to_its_version(project: str) -> None:
    version = await make(project, "things/a", {"x": 1, "y": 1})
    commit = documents.Commit(client(project))
    commit.update("things/a", {"y": 2}, version)
    await commit.send()
    assert await fields_of(project, "things/a") == {"x": 1, "y": 2}
    with pytest.raises(api.FailedPrecondition):
        await commit.send()


async def test_a_merge_makes_or_extends(project: str) -> None:
    for state, values in (("new", ["1", "2"]), ("old", ["2", "3"])):
        commit = documents.Commit(client(project))
        commit.merge("things/a", {"state": state}, {"list": values})
        await commit.send()
    assert await fields_of(project, "things/a") == {"state": "old", "list": ["1", "2", "3"]}


async def test_an_increment_keeps_other_fields(project: str) -> None:
    await make(project, "things/a", {"x": 1, "y": 1})
    commit = documents.Commit(client(project))
    commit.increment("things/a", "x", 4)
    await commit.send()
    assert await fields_of(project, "things/a") == {"x": 5, "y": 1}


async def test_an_increment_makes_no_document(project: str) -> None:
    commit = documents.Commit(client(project))
    commit.increment("things/a", "x", 4)
    with pytest.raises(api.NotFound):
        await commit.send()


async def test_a_delete_holds_to_its_version(project: str) -> None:
    version = await make(project, "things/a", {})
    change = documents.Commit(client(project))
    change.merge("things/a", {"x": 1}, {})
    await change.send()
    commit = documents.Commit(client(project))
    commit.delete("things/a", version)
    with pytest.raises(api.FailedPrecondition):
        await commit.send()


def test_what_firestore_has_no_kind_for_is_refused() -> None:
    with pytest.raises(TypeError, match="date"):
        documents.encoded(date(2026, 3, 1))


async def test_an_update_takes_fields_away(project: str) -> None:
    version = await make(project, "things/a", {"x": 1, "y": 1})
    commit = documents.Commit(client(project))
    commit.update("things/a", {"x": 2}, version, removed=["y"])
    assert 100 < commit.size < 300
    await commit.send()
    assert await fields_of(project, "things/a") == {"x": 2}
