"""Versions, sizes, movement, snapshots and changes of segments over HTTP."""

from typing import Any

import pytest

from crm.kernel.id_lists import unpack
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import Api, finish_erasures, page_of, paths, person

pytestmark = pytest.mark.emulator

FREQUENT: dict[str, Any] = {
    "combinator": "and",
    "rules": [{"field": "visits", "operator": ">", "value": 2}],
}
EVERYONE: dict[str, Any] = {"combinator": "and", "rules": [], "all": True}


async def made(api: Api, rules: dict[str, Any] = FREQUENT) -> str:
    answer = await api.post("/segments", {"name": "Frequent", "rules": rules})
    assert answer.status_code == 201
    return f"/segments/{answer.json()['id']}"


async def snapshot(api: Api, segment: str) -> str:
    answer = await api.post(f"{segment}/snapshots")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_every_version_is_kept_with_who_made_it(api: Api) -> None:
    segment = await made(api)
    changed = await api.call("PUT", segment, "admin", json={"name": "All", "rules": EVERYONE, "version": 1})
    assert changed.status_code == 200
    found = (await api.get(f"{segment}/versions")).json()["data"]
    assert [(each["version"], each["name"], each["rules"]) for each in found] == [
        (2, "All", EVERYONE),
        (1, "Frequent", FREQUENT),
    ]
    assert [each["changed_by"].partition("@")[0] for each in found] == ["admin", "marketer"]
    assert found[1]["description"] == "more than 2 visits"
    assert (await api.get("/segments/none/versions")).status_code == 404


async def test_versions_come_in_pages(api: Api) -> None:
    segment = await made(api)
    for number in range(2, 6):
        await api.call("PUT", segment, json={"name": f"Version {number}", "rules": EVERYONE})
    found: list[int] = []
    cursor = ""
    for size in (2, 2, 1):
        page = (await api.get(f"{segment}/versions?limit=2{cursor}")).json()
        assert len(page["data"]) == size
        found += [each["version"] for each in page["data"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert found == [5, 4, 3, 2, 1]
    assert page["next_cursor"] is None
    for wrong in ("x", "-1", "1.5", "²", "9" * 20):
        assert paths(await api.get(f"{segment}/versions?cursor={wrong}")) == ["cursor"]
    assert (await api.get(f"{segment}/versions?limit=201")).status_code == 422


async def test_a_list_has_sizes_unless_they_are_left_out(api: Api) -> None:
    await api.store([person(1), person(3), person(4, email=None)])
    segment = await made(api)
    (listed,) = (await api.get("/segments")).json()["data"]
    assert (listed["size"]["matched"], listed["size"]["reachable"]) == (2, 1)
    assert listed["movement"] is None
    (cheap,) = (await api.get("/segments", params={"sizes": False})).json()["data"]
    assert cheap["size"] is None
    assert (await api.get(segment, params={"sizes": True})).json()["size"]["matched"] == 2


async def test_changes_say_who_joined_and_left_between_snapshots_and_until_now(api: Api) -> None:
    await api.store([person(1), person(3), person(4)])
    segment = await made(api)
    first = await snapshot(api, segment)
    await api.store([person(3, visits=0, version=2), person(5)])
    second = await snapshot(api, segment)
    await api.store([person(4, visits=0, version=2)])

    between = (await api.post(f"{segment}/changes", {"from": first, "to": second})).json()
    assert (between["joined"], between["left"], between["stayed"]) == (1, 1, 1)
    assert [(each["customer_id"], each["change"], each["name"]) for each in between["data"]] == [
        ("C-3", "left", "Customer 3"),
        ("C-5", "joined", "Customer 5"),
    ]
    until_now = (await api.post(f"{segment}/changes", {"from": second})).json()
    assert [each["customer_id"] for each in until_now["data"]] == ["C-4"]
    figures = (await api.post(f"{segment}/changes", {"from": first, "to": second}, "viewer")).json()
    assert figures == {**between, "data": [], "next_cursor": None}
    only = await api.post(f"{segment}/changes", {"from": first, "to": second, "change": "joined"})
    assert [each["customer_id"] for each in only.json()["data"]] == ["C-5"]

    listed = (await api.get(f"{segment}/snapshots")).json()["data"]
    assert [(each["id"], each["kind"], each["matched"], each["version"]) for each in listed] == [
        (second, "manual", 2, 1),
        (first, "manual", 2, 1),
    ]


async def test_changes_are_paged(api: Api) -> None:
    segment = await made(api)
    empty = await snapshot(api, segment)
    await api.store([person(number) for number in range(3, 8)])
    seen: list[str] = []
    cursor = None
    while True:
        query = {"from": empty, "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await api.post(f"{segment}/changes", query)).json()
        assert page["joined"] == 5
        seen += [each["customer_id"] for each in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["C-3", "C-4", "C-5", "C-6", "C-7"]


async def test_the_erased_are_counted_and_not_named_before_and_after_they_are_removed(api: Api) -> None:
    await api.store([person(number) for number in range(3, 6)])
    segment = await made(api)
    first = await snapshot(api, segment)
    assert (await api.call("DELETE", page_of("C-3"), "admin")).status_code == 204

    async def changes() -> dict[str, Any]:
        answer: dict[str, Any] = (await api.post(f"{segment}/changes", {"from": first})).json()
        return answer

    before = await changes()
    assert (before["left"], before["stayed"], before["data"]) == (0, 2, [])
    assert before["forgotten"] == {"before": 1, "after": 0}

    database = client(api.project)
    await finish_erasures(database)
    async for part in database.collection("segment_members").stream():
        assert "C-3" not in unpack(part.get("ids"))
    assert await changes() == before
    (listed,) = (await api.get(f"{segment}/snapshots")).json()["data"]
    assert (listed["matched"], listed["forgotten"]) == (3, 1)
    assert [each async for each in database.collection("erasure_queue").stream()] == []


async def test_a_deleted_segment_leaves_nothing(api: Api) -> None:
    await api.store([person(3)])
    segment = await made(api)
    await snapshot(api, segment)
    await api.call("PUT", segment, json={"name": "All", "rules": EVERYONE})
    assert (await api.call("DELETE", segment)).status_code == 204
    assert (await api.get(f"{segment}/snapshots")).status_code == 404
    database = client(api.project)
    await finish_erasures(database)
    for name in ("segments", "segment_members", "erasure_queue"):
        assert [each.id async for each in database.collection(name).list_documents()] == []


async def test_movement_counts_from_the_last_campaign(api: Api) -> None:
    await api.store([person(3), person(4)])
    segment = await made(api)
    draft = {"name": "Hello", "segment_id": segment.rpartition("/")[2], "message": {"body": "Hi"}}
    campaign = (await api.post("/campaigns", draft)).json()["id"]
    assert (await api.post(f"/campaigns/{campaign}/launch")).status_code == 202
    await api.store([person(4, visits=0, version=2), person(5), person(6)])
    (listed,) = (await api.get("/segments")).json()["data"]
    movement = listed["movement"]
    assert (movement["joined"], movement["left"]) == (2, 1)
    since = movement["since"]
    assert (since["kind"], since["campaign_id"], since["name"]) == ("campaign", campaign, "Hello")
    (kept,) = (await api.get(f"{segment}/snapshots")).json()["data"]
    assert (kept["kind"], kept["campaign_id"], kept["matched"]) == ("campaign", campaign, 2)
    # The definition may change: movement compares with who was in it, not with what it said.
    await api.call("PUT", segment, json={"name": "All", "rules": EVERYONE})
    (listed,) = (await api.get("/segments")).json()["data"]
    assert (listed["movement"]["joined"], listed["movement"]["left"]) == (2, 0)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({}, "from"),
        ({"from": "a/b"}, "from"),
        ({"from": "none"}, "from"),
        ({"from": "now", "to": "none"}, "to"),
        ({"from": "now", "change": "both"}, "change"),
        ({"from": "now", "limit": 0}, "limit"),
    ],
    ids=str,
)
async def test_an_unknown_snapshot_is_refused_by_path(api: Api, query: dict[str, Any], path: str) -> None:
    segment = await made(api)
    answer = await api.post(f"{segment}/changes", query)
    assert answer.status_code == 422
    assert paths(answer) == [path]


async def test_a_viewer_sees_snapshots_and_takes_none(api: Api) -> None:
    segment = await made(api)
    assert (await api.post(f"{segment}/snapshots", role="viewer")).status_code == 403
    assert (await api.get(f"{segment}/snapshots")).status_code == 200
    assert (await api.post(f"/segments/{'0' * 32}/changes", {"from": "now"})).status_code == 404
    assert (await api.post("/segments/none/snapshots")).status_code == 404
